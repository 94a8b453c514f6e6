/* Halfsky: what a page can do better with a script. Every page works without it. */
"use strict";
document.documentElement.classList.add("js");

/* ---- keys: j k Enter c h n / ? and Esc Esc, which hides the page and its title and brings both back ---- */
(() => {
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;
  let lastEscape = -Infinity;

  function move(step) {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((row) => row.classList.contains("at"));
    const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
    all.forEach((row) => row.classList.toggle("at", row === next));
    next.querySelector("a").focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }

  const neutral = document.body.dataset.neutral || "·";
  const veiled = () => document.body.classList.contains("blank");
  let title = "";

  function veil() {
    title = document.title;
    document.title = neutral;
    document.body.classList.add("blank");
  }

  function unveil() {
    document.body.classList.remove("blank");
    document.title = title;
  }

  function swallow(event) {
    event.preventDefault();
    event.stopPropagation();
  }

  const keys = {
    j: () => move(1),
    k: () => move(-1),
    c: () => document.querySelector("[data-row].at [data-claim], main [data-claim-only]")?.click(),
    h: () => document.querySelector("nav a[href='/hotline/']")?.click(),
    n: () => document.querySelector("[data-new]")?.click(),
    "/": () => document.querySelector("[data-search]")?.focus(),
    "?": () => document.getElementById("keys")?.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (veiled() && !event.ctrlKey && !event.metaKey) swallow(event);
    if (event.key === "Escape") {
      const twice = event.timeStamp - lastEscape < 600;
      lastEscape = twice ? -Infinity : event.timeStamp;
      if (twice) (veiled() ? unveil : veil)();
      return undefined;
    }
    if (veiled()) return undefined;
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || !(event.key in keys)) return undefined;
    event.preventDefault();
    return keys[event.key]();
  }, true);
  ["pointerdown", "click"].forEach((kind) => document.addEventListener(kind, (event) => {
    if (veiled()) swallow(event);
  }, true));
})();

/* ---- forms: show what another answer calls for, warn before typing is lost, no double submit ---- */
(() => {
  const answer = (form, name) => {
    const found = [...form.elements].filter((e) => e.name === name);
    const chosen = found.find((e) => (e.type === "radio" || e.type === "checkbox" ? e.checked : true));
    if (!chosen) return found.some((e) => e.type === "checkbox") ? "false" : "";
    return chosen.type === "checkbox" ? "true" : chosen.value;
  };

  function ask(form) {
    form.querySelectorAll("[data-when]").forEach((field) => {
      const wanted = JSON.parse(field.dataset.values);
      field.hidden = !wanted.includes(answer(form, field.dataset.when));
    });
  }

  function summary() {
    const box = document.querySelector("[data-error-summary]");
    if (box) box.focus();
  }

  document.addEventListener("DOMContentLoaded", () => {
    const form = document.getElementById("task-form");
    summary();
    if (!form) return;
    let dirty = false;
    let sending = false;
    ask(form);
    document.addEventListener("keydown", (event) => {
      const here = event.target === document.body || form.contains(event.target);
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !here) return;
      event.preventDefault();
      document.getElementById("submit")?.click();
    });
    form.addEventListener("input", () => { dirty = true; });
    form.addEventListener("change", () => ask(form));
    form.addEventListener("submit", (event) => {
      if (sending) event.preventDefault();
      sending = true;
      setTimeout(() => { sending = false; }, 4000);
    });
    document.body.addEventListener("htmx:afterRequest", (event) => {
      if (event.detail.successful && event.detail.elt.dataset.draft !== undefined) dirty = false;
    });
    document.body.addEventListener("htmx:sendError", (event) => {
      const saved = event.detail.elt;
      if (saved.dataset.offline) saved.textContent = saved.dataset.offline;
    });
    window.addEventListener("beforeunload", (event) => {
      if (dirty && !sending) event.preventDefault();
    });
    window.addEventListener("pageshow", () => { sending = false; });
  });

  /* a link of the error summary puts the caret into the field, opening the folded group around it */
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#f-']");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    field.closest("details")?.setAttribute("open", "");
    const first = field.matches("input, select, textarea") ? field : field.querySelector("input, select, textarea");
    if (first) {
      event.preventDefault();
      field.scrollIntoView({ block: "center" });
      first.focus({ preventScroll: true });
    }
  });
})();

/* ---- print buttons ---- */
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
