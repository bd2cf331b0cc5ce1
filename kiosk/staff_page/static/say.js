// Says a question instead of typing it: the kiosk's own microphone hears it, and sounds tell when.

import { ask } from "./ask.js";

const sounds = Object.fromEntries(["begin", "end"].map((name) => [name, new Audio(`/staff/static/${name}.wav`)]));

export function saying(form, { heard, told }) {
  const button = document.querySelector("#say");
  if (!button) return;
  let listening = false;
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (listening) {
      await send("stop");
      return;
    }
    show(true);
    told("The kiosk is listening: please ask now.", "hint");
    const { readings, message } = await send("listen");
    show(false);
    if (readings) heard(readings);
    else told(message, "error told");
  });

  function show(now) {
    listening = now;
    button.textContent = now ? button.dataset.busy : button.dataset.idle;
    button.setAttribute("aria-pressed", String(now));
    sounds[now ? "begin" : "end"].play().catch(() => {});
  }

  function send(what) {
    return ask("/staff/say", new URLSearchParams({ csrf: form.elements.csrf.value, do: what }));
  }
}
