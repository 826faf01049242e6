// The live board follows the doors; the server sends the part that changes ready to be shown, in the page's language.

const board = document.querySelector("[data-board]");
const PATIENCE = 8000; // milliseconds: a stream ends now and then, and begins again at once

if (board) {
  const lost = document.querySelector("[data-board-lost]");
  const stream = new EventSource(board.dataset.board);
  let timer = 0;
  const heard = () => {
    clearTimeout(timer);
    timer = 0;
    lost.hidden = true;
  };
  stream.addEventListener("board", ({ data }) => {
    heard();
    board.innerHTML = JSON.parse(data);
  });
  stream.addEventListener("open", heard);
  stream.addEventListener("error", () => {
    timer ||= setTimeout(() => (lost.hidden = false), PATIENCE);
  });
  addEventListener("pagehide", () => stream.close());
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
}
