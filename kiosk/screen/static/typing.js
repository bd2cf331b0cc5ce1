// Typing a question: a field of its own, at the top, so that the device's keyboard finds room below it.

import { wish } from "./link.js";

const dialog = document.querySelector("#typing");
const field = document.querySelector("#typed");

export function typing() {
  document.querySelector("#type").addEventListener("click", () => {
    wish("stop");
    dialog.showModal();
    field.focus();
  });
  document.querySelector("#typing-cancel").addEventListener("click", () => dialog.close());
  dialog.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (!text) return;
    wish("type", { text });
    dialog.close();
  });
  dialog.addEventListener("close", forget);
}

export function endTyping() {
  if (dialog.open) dialog.close();
  forget();
}

function forget() {
  field.value = "";
}
