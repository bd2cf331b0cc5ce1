// Shows what the kiosk says there is to show. Words are always text, never markup.

const SETTLING = 350; // milliseconds in which a tap is still meant for what was there before

const root = document.documentElement;
const main = document.querySelector("main");
const said = document.querySelector("#said");
const tile = document.querySelector("#tile");
const views = [...main.querySelectorAll(".view")];

export function show(before, view) {
  root.dataset.view = view.view;
  root.toggleAttribute("data-deaf", !view.can_hear);
  root.toggleAttribute("data-blank", view.blank);
  root.toggleAttribute("data-speaking", view.speaking);
  root.style.setProperty("--level", view.level);
  fill(before, view);
  choose(view);
  mark(view);
  const changed = before.view !== view.view;
  if (changed || before.turn !== view.turn) open((section) => section.dataset.views?.split(" ").includes(view.view));
  if (changed) document.documentElement.style.setProperty("--listened", `${-view.listened}s`);
  tell(before, view);
}

// A group's topics are opened and closed on the page; the conversation does not change by it.
export function openTopics(group) {
  open((section) => section.dataset.topics === group);
}

export function closeTopics(view) {
  open((section) => section.dataset.views?.split(" ").includes(view.view));
}

export function lose() {
  root.dataset.view = "offline";
  open((section) => section.dataset.views === "offline");
}

function open(wanted) {
  const shown = views.find(wanted);
  const moved = shown.hidden;
  for (const section of views) section.hidden = section !== shown;
  if (!moved) return;
  main.classList.add("settling");
  setTimeout(() => main.classList.remove("settling"), SETTLING);
  // From the heading on, the Tab key and a screen reader find everything in its order.
  if (!document.querySelector("dialog[open]")) shown.querySelector("h1").focus({ preventScroll: true });
}

function fill(before, view) {
  set("#words", view.words);
  for (const question of main.querySelectorAll(".question")) set(question, view.words);
  set("#notice", view.notice);
  for (const button of main.querySelectorAll("[data-while]")) button.hidden = (button.dataset.while === "speaking") !== view.speaking || !view.can_speak;
  hide("#leaving", !view.leaving);
  volume(view.volume);
  if (same(before.sentences, view.sentences) && before.turn === view.turn) return;
  const [first = "", ...rest] = view.sentences;
  sentences(".answer .text", view.sentences, 0);
  main.querySelector(".answer .text").classList.toggle("long", view.sentences.join(" ").length > 230);
  sentences(".urgent .first", [first], 0);
  sentences(".urgent .text", rest, 1);
  hide(".urgent .text", !rest.length);
  sentences(".clarify .text", view.sentences, 0);
  sentences(".unknown .text", view.sentences, 0);
  tiles(".choices", view.choices);
  tiles(".related .tiles", view.related.slice(0, 3));
  hide(".related", !view.related.length);
}

// What of a view is there: by the view (data-only), and by what the kiosk can do (data-if).
function choose(view) {
  const can = { deaf: !view.can_hear, hears: view.can_hear, mute: !view.can_speak };
  for (const part of main.querySelectorAll("[data-only], [data-if]")) {
    const { only, if: able } = part.dataset;
    part.hidden = Boolean((only && !only.split(" ").includes(view.view)) || (able && !can[able]));
  }
  const trouble = can.deaf || can.mute;
  if (!trouble) hide("#trouble", true);
  if (can.deaf || !view.notice) hide("#notice", true);
  hide("#talk-hint", view.view === "welcome" && (trouble || Boolean(view.notice)));
}

function mark(view) {
  for (const sentence of main.querySelectorAll("[data-sentence]")) {
    const now = Number(sentence.dataset.sentence) === view.sentence;
    if (now && !sentence.classList.contains("now")) sentence.scrollIntoView({ block: "nearest" });
    sentence.classList.toggle("now", now);
  }
}

// What is said in a view that is new, for those who cannot see it.
function tell(before, view) {
  if (before.view === view.view && before.turn === view.turn && before.notice === view.notice) return;
  const heading = views.find((section) => !section.hidden)?.querySelector("h1")?.innerText ?? "";
  const texts = view.sentences.length ? [view.words, ...view.sentences] : [heading, view.notice];
  said.setAttribute("aria-live", view.view === "urgent" ? "assertive" : "polite");
  set(said, texts.join(" "));
}

function sentences(selector, texts, from) {
  const parts = texts.flatMap((text, number) => {
    const span = document.createElement("span");
    span.dataset.sentence = from + number;
    span.textContent = text;
    return number ? [" ", span] : [span];
  });
  main.querySelector(selector).replaceChildren(...parts);
}

function tiles(selector, choices) {
  const made = choices.map(({ id, title }) => {
    const button = tile.content.cloneNode(true).firstElementChild;
    button.dataset.choose = id;
    button.firstElementChild.textContent = title;
    return button;
  });
  main.querySelector(selector).replaceChildren(...made);
}

function volume(level) {
  const meter = document.querySelector(".meter");
  meter.setAttribute("aria-valuenow", level);
  [...meter.children].forEach((bar, number) => bar.classList.toggle("on", number < level));
}

function set(where, text) {
  const element = typeof where === "string" ? document.querySelector(where) : where;
  if (element.textContent !== text) element.textContent = text;
}

function hide(selector, hidden) {
  document.querySelector(selector).hidden = hidden;
}

function same(before, after) {
  return before?.join("\n") === after.join("\n");
}
