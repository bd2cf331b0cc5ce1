// The page of the kiosk: it shows what the kiosk says and tells it what is wished. It keeps nothing.

import { comfort, usual } from "./comfort.js";
import { earcon } from "./earcons.js";
import { link, wish } from "./link.js";
import { staff } from "./staff.js";
import { talk } from "./talk.js";
import { endTyping, typing } from "./typing.js";
import { closeTopics, lose, openTopics, show } from "./views.js";

const root = document.documentElement;
const idle = Number(root.dataset.idle) * 1000;
const OFTEN = 1000; // milliseconds between two signs of life
const nothing = { view: "offline", words: "", sentences: [], turn: -1, blank: true };

let view = nothing;
let leaving;
let stirred = -Infinity;

root.style.setProperty("--cap", `${root.dataset.cap}s`);

link({
  onView(next) {
    const before = view;
    view = next;
    earcon(before.view, next);
    show(before, next);
    if (next.blank && !before.blank) start();
  },
  onLost() {
    // A warning stays where it is: whoever it is for may not have read it yet.
    if (view.view === "urgent") return;
    view = nothing;
    show(view, { ...view, level: 0, choices: [], related: [], notice: "", can_hear: true, can_speak: true, volume: 3 });
    start();
    lose();
  },
});

talk(() => view);
typing();
comfort();
staff();

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { wish: name, choose, group } = button.dataset;
  if (name) wish(name);
  if (name === "finish") start();
  if (choose) wish("choose", { intent: choose });
  if (group) openTopics(group);
  if (button.matches(".back")) closeTopics(view);
});

for (const name of ["pointerdown", "keydown", "wheel", "input"]) addEventListener(name, stir, { passive: true });

// Somebody is there. What is on the page alone (a half-typed question, large letters) goes by the same clock.
function stir() {
  clearTimeout(leaving);
  leaving = setTimeout(() => view.blank && start(), idle);
  if (view.blank || performance.now() - stirred < OFTEN) return;
  stirred = performance.now();
  wish("stirred");
}

// As for the next patient.
function start() {
  endTyping();
  usual();
  if (view.view === "welcome") closeTopics(view);
}
