// Numbers of any size in words, as short as a label.

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** 10⁶, 10⁻³. */
export function powerOfTen(exponent: number): string {
  const digits = [...String(Math.abs(exponent))].map((digit) => SUPERSCRIPTS[Number(digit)]).join("");
  return `10${exponent < 0 ? "⁻" : ""}${digits}`;
}

/** A number from here on is written with a power of ten. */
const HUGE = 1e6;

/** With as many decimals; from a million on 1.2 × 10¹⁸. */
export function decimals(value: number, digits: number): string {
  return Math.abs(value) >= HUGE && Number.isFinite(value) ? large(value) : value.toFixed(digits);
}

/** At most three digits: 0.003, −1.94, 29.4, 1,000, 25,000; from a million on 1.5 × 10¹⁸. */
export function large(value: number): string {
  if (Math.abs(value) < 999_500) {
    return value.toLocaleString("en-GB", { maximumSignificantDigits: 3 }).replace("-", "−");
  }
  const [digits, exponent] = value.toExponential(1).replace("-", "−").split("e");
  const power = powerOfTen(Number(exponent)), factor = digits.replace(/\.0$/, "");
  return factor === "1" ? power : `${factor} × ${power}`;
}
