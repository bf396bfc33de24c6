// Reads a positive number as people type it: with their keyboard's minus sign, a decimal comma, a power of ten. Text
// with two possible readings is rejected. number_words.ts has the sentences for text that could not be read.
import { plainText } from "../../training/seed.ts";

export type Reading =
  | { value: number }
  | { refused: "empty" | "unreadable" | "not finite" | "zero" }
  /** `shown`: the number as it was read. */
  | { refused: "negative" | "too large" | "too small"; shown: string }
  /** The two possible readings, each typed unambiguously. */
  | { refused: "ambiguous"; larger: string; smaller: string };

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", THEIR_MEANING = "0123456789+-";
/** The zeros of other digits that phones can type: full-width, Arabic, Persian, Devanagari, Bengali, Thai. */
const ZEROS = [0xff10, 0x660, 0x6f0, 0x966, 0x9e6, 0xe50];
/** Characters with one meaning in a number, and how they are read. The letters are Cyrillic look-alikes of e and x. */
const SAME: Record<string, string> = { "٫": ".", "٬": ",", "**": "^", "е": "e", "х": "x" };
const MANTISSA = String.raw`([\d.,' _]*\d[\d.,' _]*?)`;
/** 0.01, 1e-2 */
const PLAIN = new RegExp(String.raw`^([+-]?) ?${MANTISSA}(?: ?e ?([+-]?\d+))?$`);
/** 10^-2, 1 x 10^-2, 2^-7 */
const POWER = new RegExp(
  String.raw`^([+-]?) ?(?:${MANTISSA} ?[x*\u00d7\u00b7\u22c5\u2219\u2715\u2716] ?)?(10|2) ?\^ ?\(?([+-]?\d+)\)?$`,
);

/** Reads the text of a field for a positive number. The value is positive and finite as a 32-bit float too. */
export function readNumber(text: string): Reading {
  const typed = inAscii(text);
  if (typed === "") return { refused: "empty" };
  if (/^[+-]?(inf(inity)?|\u221e|nan)$/.test(typed)) return { refused: "not finite" };
  const plain = PLAIN.exec(typed), power = POWER.exec(typed);
  if (plain) return sized(plain[1], plain[2], 10, plain[3] ?? "0");
  if (power) return sized(power[1], power[2] ?? "1", Number(power[3]), power[4]);
  return { refused: "unreadable" };
}

/** The text in lower-case ASCII; superscripts become powers, such as ^2. */
function inAscii(text: string): string {
  const raised = new RegExp(`[${SUPERSCRIPTS}]+`, "g");
  const lowered = (power: string) =>
    `^${Array.from(power, (one) => THEIR_MEANING[SUPERSCRIPTS.indexOf(one)]).join("")}`;
  const signs = new RegExp(Object.keys(SAME).map((sign) => sign.replaceAll("*", "\\*")).join("|"), "g");
  return plainText(text.replace(raised, lowered))
    .replace(/\p{Nd}/gu, digit)
    .replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .toLowerCase()
    .replace(signs, (sign) => SAME[sign])
    .replace(/\^+/g, "^").replace(/ +/g, " ").trim();
}

function digit(one: string): string {
  const code = one.codePointAt(0)!, zero = ZEROS.find((zero) => code >= zero && code < zero + 10);
  return zero === undefined ? one : String(code - zero);
}

function sized(sign: string, digits: string, base: number, exponent: string): Reading {
  const mantissa = decimal(digits.trim());
  if (typeof mantissa !== "string") return mantissa;
  const scale = base === 10 ? 1 : base ** Number(exponent);
  const size = scale * Number(`${mantissa}e${base === 10 ? exponent : "0"}`);
  const shown = `${sign}${mantissa}` +
    (exponent === "0" ? "" : base === 10 ? `e${exponent}` : ` x ${base}^${exponent}`);
  if (!/[1-9]/.test(mantissa)) return { refused: "zero" };
  if (sign === "-") return { refused: "negative", shown };
  if (!Number.isFinite(Math.fround(size))) return { refused: "too large", shown };
  if (Math.fround(size) === 0) return { refused: "too small", shown };
  return { value: size };
}

/** The digits with only a decimal point, or why they cannot be read. One comma before three digits is ambiguous. */
function decimal(digits: string): string | Reading {
  const number = /^\d{1,3}([ '_]\d{3})+(?=[.,]|$)/.test(digits) ? digits.replace(/[ '_]/g, "") : digits;
  if (/^[1-9]\d{0,2},\d{3}$/.test(number)) {
    return { refused: "ambiguous", larger: number.replace(",", ""), smaller: number.replace(",", ".") };
  }
  if (/^\d*[.,]?\d*$/.test(number)) return number.replace(",", ".");
  if (/^\d{1,3}(,\d{3})+(\.\d*)?$/.test(number)) return number.replaceAll(",", "");
  if (/^\d{1,3}(\.\d{3})+(,\d*)?$/.test(number)) return number.replaceAll(".", "").replace(",", ".");
  return { refused: "unreadable" };
}
