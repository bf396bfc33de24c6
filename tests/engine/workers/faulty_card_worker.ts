// The engine's Worker, with a faulty graphics card.
import "./faulty_card.ts";
import "../../../engine/workers/worker.ts";
