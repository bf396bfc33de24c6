// Made-up graphics cards, for the choice of a plan.
import type { Card } from "../../../engine/webgpu/card.ts";

/** A card with usual limits, by what a browser says about it. */
export const cardOf = (info: Card["info"]): Card => ({
  limits: {
    maxComputeInvocationsPerWorkgroup: 1024,
    maxComputeWorkgroupSizeX: 1024,
    maxComputeWorkgroupStorageSize: 32768,
  },
  info,
});
