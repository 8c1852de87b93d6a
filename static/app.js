// Progressive enhancement only: every page does its work without this file.
"use strict";

// Menus close on Escape and when something else is clicked.
const openMenus = () => document.querySelectorAll("details.menu[open]");
document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// "/" goes to the search box of the page's top, unless something is being typed.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const box = document.querySelector(".top .search input");
  if (!box || !box.offsetParent) return;
  event.preventDefault();
  box.focus();
  box.select();
});

// A page that asks by itself may find its reader signed out: the door is not put into a corner of the page.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (new URL(event.detail.xhr.responseURL || location.href).pathname === "/login/") event.detail.shouldSwap = false;
});

// Who signed in again in another window goes on here: the forms of this page take the new session's token.
const doors = "BroadcastChannel" in window && new BroadcastChannel("doors");
if (doors) {
  const tokens = () => document.querySelectorAll("input[name=csrfmiddlewaretoken]");
  doors.addEventListener("message", ({ data }) => {
    const here = document.body.dataset.person;
    if (here && here !== data.person) return; // somebody else: his token is not for what was typed here
    for (const field of tokens()) field.value = data.token;
    document.getElementById("ended")?.replaceChildren();
  });
  const token = tokens()[0];
  const person = document.body.dataset.person;
  if (token && person) doors.postMessage({ token: token.value, person });
}

// A refused form shows first what has to be mended.
document.querySelector("form .notice--late[tabindex]")?.focus();

// Chosen files are listed by name and size before they are sent.
const inWords = (size) =>
  size >= 1048576 ? `${(size / 1048576).toFixed(1)} 兆` : size >= 1024 ? `${Math.round(size / 1024)} 千字节` : `${size} 字节`;
for (const list of document.querySelectorAll("[data-files-of]")) {
  const input = document.getElementById(list.dataset.filesOf);
  input.addEventListener("change", () => {
    list.replaceChildren(
      ...[...input.files].map((file) => {
        const line = document.createElement("li");
        const mark = document.createElement("span");
        const name = document.createElement("span");
        const size = document.createElement("span");
        mark.textContent = "·";
        name.textContent = file.name;
        size.textContent = inWords(file.size);
        size.className = "meta";
        line.append(mark, name, size);
        return line;
      }),
    );
  });
}

// One click sends a form once.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post") return;
  for (const button of event.target.querySelectorAll("button:not([type=button])")) {
    setTimeout(() => (button.disabled = true));
    setTimeout(() => (button.disabled = false), 8000);
  }
});

// A document is saved while it is typed: a pause of two seconds sends it; what another saved meanwhile is never overwritten.
const editor = document.querySelector("form[data-autosave]");
if (editor) {
  const said = document.getElementById("autosaved");
  let timer = null;
  let conflict = false;
  const save = async () => {
    try {
      const answer = await fetch(editor.action || location.href, {
        method: "POST",
        body: new FormData(editor),
        headers: { "X-Autosave": "1" },
        credentials: "same-origin",
      });
      if (answer.redirected) throw new Error("signed out");
      const told = await answer.json();
      if (answer.ok) editor.elements.revision.value = told.revision;
      conflict = !answer.ok;
      said.textContent = told.said;
      said.classList.toggle("late-words", conflict);
    } catch {
      said.textContent = "没有保存成功，请检查网络；文字仍在本页，稍后会再试。";
      said.classList.add("late-words");
      timer = setTimeout(save, 15000);
    }
  };
  const soon = () => {
    if (conflict) return;
    clearTimeout(timer);
    said.textContent = "正在输入…";
    timer = setTimeout(save, 2000);
  };
  editor.addEventListener("input", soon);
  // What was typed before this file arrived, or put back by the browser.
  for (const area of editor.querySelectorAll("textarea")) if (area.value !== area.defaultValue) soon();
  editor.addEventListener("submit", () => clearTimeout(timer));
}
