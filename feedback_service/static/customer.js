/* The survey page where there is a script: what is filled in survives a dropped connection (docs/survey-page.md).

   Without this file the page does all that it must. Nothing is sent but by the button; nothing is kept but on this
   device, under a name that does not tell the link, until it is sent or some hours have passed. */

(() => {
  "use strict";

  const PREFIX = "survey:";
  const HOUR = 3600 * 1000;
  const PATIENCE = 20 * 1000;
  const TROUBLES = new Set(["offline", "trouble"]);
  const LEFT_OUT = new Set(["stamp", "version", "website"]);

  /* A browser may refuse to keep anything: then the page works as it does without a script. */
  const attempt = (action) => {
    try {
      return action();
    } catch {
      return null;
    }
  };

  const keptUntil = (name) => attempt(() => JSON.parse(localStorage.getItem(name)).until) || 0;

  const forget = (name) => attempt(() => localStorage.removeItem(name));

  /* Whatever page of ours is opened on this device, what is too old goes. */
  const sweep = () =>
    (attempt(() => Object.keys(localStorage)) || [])
      .filter((name) => name.startsWith(PREFIX) && !(keptUntil(name) > Date.now()))
      .forEach(forget);

  const controls = (form) =>
    [...form.elements].filter((control) => control.name && control.type !== "submit" && !LEFT_OUT.has(control.name));

  const isChoice = (control) => control.type === "radio" || control.type === "checkbox";

  const valuesOf = (form) => {
    const values = {};
    for (const control of controls(form)) {
      values[control.name] = values[control.name] || [];
      if (!isChoice(control) || control.checked) values[control.name].push(control.value);
    }
    return values;
  };

  const keep = (form, name, hours) =>
    attempt(() =>
      localStorage.setItem(name, JSON.stringify({ until: Date.now() + hours * HOUR, values: valuesOf(form) })),
    );

  /* Put back what was filled in; return whether that changed anything. A number that the mail's link has just
     selected is newer than what was kept. */
  const putBack = (form, values) => {
    const isLinked = new URLSearchParams(location.search).has("r");
    let isChanged = false;
    for (const control of controls(form)) {
      const kept = values[control.name];
      if (!Array.isArray(kept) || (isLinked && control.required)) continue;
      if (isChoice(control)) {
        const chosen = kept.includes(control.value);
        isChanged = isChanged || chosen !== control.checked;
        control.checked = chosen;
      } else if (typeof kept[0] === "string" && kept[0] !== control.value) {
        isChanged = true;
        control.value = kept[0];
      }
    }
    return isChanged;
  };

  const empty = (form) =>
    controls(form).forEach((control) => {
      if (isChoice(control)) control.checked = control.defaultChecked;
      else control.value = control.defaultValue;
    });

  const remember = (form, name) => {
    const hours = Number(form.dataset.hours);
    const values = attempt(() => JSON.parse(localStorage.getItem(name)).values);
    const restored = form.querySelector("[data-restored]");
    if (values && putBack(form, values)) restored.hidden = false;
    form.querySelector("[data-kept]").hidden = attempt(() => localStorage.length) === null;
    form.addEventListener("input", () => keep(form, name, hours));
    restored.querySelector("button").addEventListener("click", () => {
      forget(name);
      empty(form);
      restored.hidden = true;
      form.querySelector("input:not([type=hidden])").focus();
    });
  };

  /* Send in the background, so that the form is still there when the connection is not. */
  const send = (form, name) => {
    const alert = form.querySelector("[data-alert]");
    let said = "";
    let isSending = false;

    const say = (what, beside) => {
      said = what;
      if (beside) beside.after(alert);
      alert.setAttribute("role", TROUBLES.has(what) ? "alert" : "status"); // Only what went wrong interrupts a reader.
      alert.textContent = what ? alert.dataset[what] : "";
    };

    const post = () =>
      fetch(location.href, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        redirect: "manual",
        signal: AbortSignal.timeout(PATIENCE),
      });

    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (isSending) return;
      isSending = true;
      const beside = event.submitter && event.submitter.closest(".act");
      say("sending", beside);
      const response = await post().catch(() => null);
      isSending = false;
      if (response === null) {
        say("offline", beside);
      } else if (response.type === "opaqueredirect") {
        forget(name);
        location.assign(form.dataset.thanks);
      } else if (response.status >= 500) {
        say("trouble", beside);
      } else {
        form.submit(); // What is missing, the server's own page says best.
      }
    });
    addEventListener("offline", () => say("offline"));
    addEventListener("online", () => said === "offline" && say("online"));
  };

  sweep();
  const form = document.querySelector("form[data-draft]");
  if (form && "timeout" in AbortSignal) {
    const name = PREFIX + form.dataset.draft;
    remember(form, name);
    send(form, name);
  }
  const sent = document.querySelector("[data-sent]");
  if (sent) forget(PREFIX + sent.dataset.sent);
})();
