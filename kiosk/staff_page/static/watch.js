// Watches over what is typed: asks before it is left, keeps the visit while somebody types, and tells when it has ended.

const root = document.documentElement;
const disuse = Number(root.dataset.disuse) * 1000;
const OFTEN = 60_000; // milliseconds between two signs of life
const ended = document.querySelector("#ended");
const watched = document.querySelector("form[data-watch]");

let typed = watched?.dataset.watch === "always";
let sent = false;
let alive = performance.now();
let timer;

function stay() {
  clearTimeout(timer);
  timer = setTimeout(end, disuse + 1000);
}

function end() {
  // What nobody has changed can be had again behind the PIN; what was typed stays where it is, out of sight.
  if (!typed) location.replace(root.dataset.home || location.pathname);
  else if (!ended.open) ended.showModal();
}

watched?.addEventListener("input", () => {
  typed = true;
  stay();
  if (performance.now() - alive < OFTEN) return;
  alive = performance.now();
  fetch("/staff/alive").catch(() => {});
});
for (const form of document.forms) form.addEventListener("submit", () => { sent = true; });
addEventListener("beforeunload", (event) => {
  if (typed && !sent) event.preventDefault();
});
addEventListener("pageshow", () => { sent = false; });
document.querySelector("#ended-again")?.addEventListener("click", () => ended.close());
// These links say themselves that what was typed is given up.
for (const link of document.querySelectorAll("#ended a, form[data-watch] .actions a")) link.addEventListener("click", () => { sent = true; });
stay();
