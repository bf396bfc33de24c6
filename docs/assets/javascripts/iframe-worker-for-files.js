// Search on file://. Material searches in a Worker made from a file, and no browser makes one on file://. Here such a
// Worker becomes a hidden frame that runs the same program; every other Worker, the engine's among them, stays a real one.
(function () {
  "use strict";
  const RealWorker = window.Worker;
  if (location.protocol !== "file:") return sayWhy();

  // On a server the search needs a Worker made from one of its files. A sandboxed frame and some servers forbid that.
  function sayWhy() {
    window.Worker = function Worker(url, options) {
      const of_engine = String(url).startsWith("blob:");
      try {
        const worker = new RealWorker(url, options);
        if (!of_engine) worker.addEventListener("error", tell);
        return worker;
      } catch (error) {
        if (!of_engine) tell();
        throw error;
      }
    };
    window.Worker.prototype = RealWorker.prototype;
  }

  function tell() {
    const place = document.querySelector(".md-search-result__meta");
    if (!place) return;
    place.textContent =
      "The search cannot start here: the frame around this page, or its server, forbids the Worker that it needs. Open the page in a tab of its own.";
  }

  class FrameWorker extends EventTarget {
    constructor(url) {
      super();
      this.waiting = []; // messages that came before the program had run
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      this.frame.srcdoc = "<!doctype html><title>search</title>";
      this.frame.addEventListener("load", () => this.run(new URL(url, document.baseURI).href), { once: true });
      document.body.append(this.frame);
    }

    async run(url) {
      const inside = this.frame.contentWindow;
      inside.postMessage = (data) => this.deliver(this, MessageEvent, data);
      inside.importScripts = async (...urls) => {
        for (const each of urls) await addScript(inside.document, each);
      };
      try {
        await addScript(inside.document, url);
      } catch (error) {
        this.dispatchEvent(new ErrorEvent("error", { message: error.message }));
        return;
      }
      const waiting = this.waiting;
      this.waiting = null;
      for (const data of waiting) this.postMessage(data);
    }

    postMessage(data) {
      if (this.waiting) this.waiting.push(data);
      else this.deliver(this.frame.contentWindow, this.frame.contentWindow.MessageEvent, data);
    }

    terminate() {
      this.frame.remove();
    }

    // Later, as a real message comes: never in the middle of the sender's work.
    deliver(target, Message, data) {
      setTimeout(() => target.dispatchEvent(new Message("message", { data })));
    }
  }

  function addScript(document, url) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = url;
      script.onload = resolve;
      script.onerror = () => reject(new Error(`${url} did not load`));
      document.head.append(script);
    });
  }

  // Material's program looks for this name to know that it runs in a frame.
  window.IFrameWorker = FrameWorker;
  window.Worker = function Worker(url, options) {
    const from_file = new URL(url, document.baseURI).protocol === "file:";
    return from_file ? new FrameWorker(url) : new RealWorker(url, options);
  };
  window.Worker.prototype = RealWorker.prototype;
})();
