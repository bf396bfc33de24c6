// The script of pages with blocks about checkpoints: no other page loads it. It comes after the page's, so that readers
// do not wait for it to press Start.
import { mountCheckpoint } from "./checkpoint.ts";
import { mountStored } from "./stored.ts";
import { mountFileBytes } from "./file_bytes.ts";
import { mountTalk } from "./talk.ts";
import { mountTwins } from "./twins.ts";
import type {} from "./late_page.ts";
import { mountOneBit } from "./one_bit.ts";
import { mountResumes } from "./resumes.ts";
import { mountWeights } from "./weights.ts";

globalThis.pressStartCheckpoint = {
  checkpoint: mountCheckpoint,
  stored: mountStored,
  weights: mountWeights,
  "one-bit": mountOneBit,
  resumes: mountResumes,
  "file-bytes": mountFileBytes,
  talk: mountTalk,
  "twin-seeds": mountTwins,
};
