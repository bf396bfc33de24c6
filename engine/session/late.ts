// What a session needs only once it trains, in a script that loads after the page's own.
import "../workers/worker_source.ts";
import "./late_answers.ts";
