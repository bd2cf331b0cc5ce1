// What is alive in a form: the count of words and seconds, the preview, the kiosk's voice, and trying a question.

import { ask } from "./ask.js";
import { saying } from "./say.js";

const form = document.querySelector("#edit");
const answer = document.querySelector("#answer");

if (answer) {
  answer.addEventListener("input", count);
  answer.addEventListener("input", preview);
  for (const name of ["questions", "urgent"]) form.elements[name].addEventListener("input", preview);
  form.addEventListener("change", preview);
  // The button is for those without scripts.
  document.querySelector("#look").hidden = true;
  hearing(document.querySelector("#hear"));
}
trying(document.querySelector("#try"));

function spoken() {
  const facts = JSON.parse(answer.dataset.facts);
  return answer.value.replace(/\{([^{}]*)\}/g, (whole, name) => facts[name] ?? whole).split(/\s+/).filter(Boolean).join(" ");
}

function count() {
  const { rate, most } = document.querySelector("#counts").dataset;
  const words = spoken().split(" ").filter(Boolean).length;
  const over = words > Number(most);
  const told = document.querySelector("#words");
  told.textContent = `${counted(words, "word")}${over ? `: patients lose the thread after ${most}` : ""}`;
  told.classList.toggle("over", over);
  document.querySelector("#seconds").textContent = `about ${counted(Math.round((words * 60) / Number(rate)), "second")}`;
}

function preview() {
  document.querySelector("#preview-text").textContent = spoken();
  document.querySelector("#preview-asked").textContent = form.elements.questions.value.trim().split("\n")[0] || "…";
  document.querySelector("#preview").classList.toggle("urgent", form.elements.urgent.checked);
  const order = form.elements.order.value.split(" ");
  const rank = (box) => (order.indexOf(box.name.slice("related-".length)) + 1 || order.length + 1);
  const boxes = [...form.querySelectorAll('[name^="related-"]:checked')].sort((one, other) => rank(one) - rank(other));
  const offers = boxes.slice(0, 3).map((box) => {
    const offer = document.createElement("p");
    offer.className = "offer";
    offer.textContent = box.nextElementSibling.textContent;
    return offer;
  });
  document.querySelector("#preview-offers").replaceChildren(...offers);
}

function hearing(button) {
  if (!button) return;
  const message = document.querySelector("#hear-message");
  const sound = document.querySelector("#sound");
  button.hidden = false;
  button.addEventListener("click", async () => {
    message.textContent = "";
    button.disabled = true;
    const fields = new URLSearchParams({ csrf: form.elements.csrf.value, answer: answer.value });
    const said = await ask("/staff/voice", fields);
    button.disabled = false;
    message.textContent = said.message ?? "";
    if (!said.src) return;
    sound.src = said.src;
    sound.hidden = false;
    sound.play().catch(() => {});
  });
}

function trying(button) {
  if (!button) return;
  const field = document.querySelector("#question");
  let turn = 0;
  let readings = [];
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    run();
  });
  button.addEventListener("click", (event) => {
    event.preventDefault();
    run();
  });
  saying(form, {
    heard(all) {
      readings = all;
      field.value = readings[0].words;
      run();
    },
    told(text, kind) {
      turn += 1;
      document.querySelector("#trial").replaceChildren(line(text, kind));
    },
  });

  async function run() {
    const mine = ++turn;
    const fields = new URLSearchParams(new FormData(form));
    if (!field.value.trim()) return;
    fields.set("do", "trial");
    fields.set("readings", JSON.stringify(readings));
    let told = "";
    do {
      const trial = await ask(form.getAttribute("action"), fields);
      if (mine !== turn) return;
      // Told again only when it is another one: a screen reader reads all that changes.
      if (JSON.stringify(trial) !== told) show(trial);
      told = JSON.stringify(trial);
      if (!trial.learning) return;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    } while (mine === turn);
  }
}

function show(trial) {
  const parts = [line(`“${trial.question ?? ""}”`, "soft")];
  if (trial.message) parts.push(line(trial.message, trial.learning ? "hint" : "error told"));
  else {
    const strong = document.createElement("strong");
    strong.textContent = trial.outcome;
    const outcome = document.createElement("p");
    outcome.append(strong);
    parts.push(outcome, line(trial.text, "told"));
    if (trial.learning) parts.push(line("Your change is still being learned; this is with what is known so far …", "hint"));
    parts.push(reasons(trial.reasons));
  }
  document.querySelector("#trial").replaceChildren(...parts);
}

function reasons(pairs) {
  const details = document.createElement("details");
  const summary = document.createElement("summary");
  summary.textContent = "Why";
  const table = document.createElement("table");
  table.className = "plain";
  for (const [kind, text] of pairs) {
    const row = table.insertRow();
    const head = document.createElement("th");
    head.scope = "row";
    head.textContent = kind;
    row.append(head);
    const cell = row.insertCell();
    cell.className = "told";
    cell.textContent = text;
  }
  details.append(summary, table);
  return details;
}

function line(text, kind) {
  const paragraph = document.createElement("p");
  paragraph.className = kind;
  paragraph.textContent = text;
  return paragraph;
}

function counted(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
