// Asking by voice: hold the circle and let go, or tap it and fall silent; the space bar and other keys likewise.

import { wish } from "./link.js";

const TREMOR = 600; // milliseconds in which a second touch is a shaking hand's, not a wish of its own

export function talk(now) {
  const key = document.documentElement.dataset.key;
  let began = -Infinity;
  let held = false;

  function press(button) {
    const at = performance.now();
    if (at - began < TREMOR) return;
    began = at;
    held = true;
    // Seen at once, whatever the kiosk is doing.
    button?.classList.add("pressed");
    wish(now().view === "listening" ? "released" : "ask");
  }

  function letGo() {
    if (!held) return;
    held = false;
    for (const button of document.querySelectorAll(".pressed")) button.classList.remove("pressed");
    // Who has said something has held it while speaking; who has not, has tapped it and is about to speak.
    if (now().view === "listening" && now().words) wish("released");
  }

  for (const button of document.querySelectorAll(".talk")) {
    button.addEventListener("pointerdown", (event) => {
      if (event.button === 0) press(button);
    });
    button.addEventListener("contextmenu", (event) => event.preventDefault());
    // A click without a finger is a screen reader's, or Enter's.
    button.addEventListener("click", (event) => {
      if (event.detail === 0) {
        press(button);
        letGo();
      }
    });
  }
  for (const name of ["pointerup", "pointercancel", "blur"]) addEventListener(name, letGo);

  function asks(event) {
    if (key && (event.code === key || event.key === key)) return true;
    // On a button that was reached by keyboard, the space bar is that button's.
    const free = !event.target.closest("button:not(.talk), input, dialog");
    return event.code === "Space" && free;
  }

  addEventListener("keydown", (event) => {
    if (!asks(event)) return;
    event.preventDefault();
    if (!event.repeat && now().view !== "urgent" && now().view !== "offline") press(document.querySelector("#talk"));
  });
  addEventListener("keyup", (event) => {
    if (!asks(event)) return;
    event.preventDefault();
    letGo();
  });
}
