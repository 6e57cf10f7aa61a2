// Runs after the front end of the terminal and before it starts, which it does when all is loaded.
"use strict";
{
  const terminal = document.querySelector(".textual-terminal");
  const ended = document.getElementById("ended");

  // Whatever the page was opened with, it is not kept in the address.
  history.replaceState(null, "", location.pathname);

  const socket = new URL("ws", location.href);
  socket.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  terminal.dataset.sessionWebsocketUrl = socket.href;

  // Why a board was closed is told to its connection alone, which the terminal keeps to itself.
  window.WebSocket = class extends window.WebSocket {
    constructor(...told) {
      super(...told);
      this.addEventListener("open", () => terminal.querySelector("textarea").focus());
      this.addEventListener("close", (event) => {
        if (event.reason) ended.textContent = event.reason;
        else if (!event.wasClean) ended.textContent = "The connection to the board was lost.";
        document.getElementById("again").focus();
      });
    }

    // A click that comes before the connection is there has nobody to be told to.
    send(said) {
      if (this.readyState === WebSocket.OPEN) super.send(said);
    }
  };

  // A file is taken by a link: a window for it would be blocked, and would look for it at the root.
  const open = window.open;
  window.open = (url, ...told) => {
    const key = url?.split("/download/")[1];
    if (key === undefined) return open.call(window, url ?? "", ...told);
    const link = document.createElement("a");
    link.href = new URL(`download/${key}`, location.href);
    link.download = "";
    link.click();
    return null;
  };

  document.getElementById("again").addEventListener("click", () => location.reload());

  // Without WebGL the terminal draws by styles that it writes itself. As text in the page they could
  // be anybody's, and are refused; set from here they are ours.
  const create = document.createElement;
  document.createElement = function (name, ...told) {
    const made = create.call(this, name, ...told);
    if (name === "style") {
      const sheet = new CSSStyleSheet();
      document.adoptedStyleSheets.push(sheet);
      Object.defineProperty(made, "textContent", { set: (text) => sheet.replaceSync(text) });
    }
    return made;
  };
  const setAttribute = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function (name, value) {
    if (name === "style") this.style.cssText = value;
    else setAttribute.call(this, name, value);
  };

  // The terminal measures its letters once, so they are there before it does.
  const start = window.onload;
  window.onload = async (event) => {
    const faces = ["16px", "bold 16px", "italic 16px"];
    await Promise.allSettled(faces.map((face) => document.fonts.load(`${face} "Roboto Mono"`)));
    start.call(window, event);
  };
}
