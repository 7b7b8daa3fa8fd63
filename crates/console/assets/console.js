// Comforts of the console. Every page works without them.

// Copy to the clipboard, and say so where the button says "Copy".
for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  const label = button.querySelector("span");
  const before = label.textContent;
  let waiting;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.value ?? source.textContent);
    } catch {
      // Without permission the person presses the keys: what is to be copied is selected.
      if (source.select) source.select();
      else getSelection().selectAllChildren(source);
      return;
    }
    label.textContent = button.dataset.done;
    clearTimeout(waiting);
    waiting = setTimeout(() => { label.textContent = before; }, 2000);
  });
}

// A field with something to copy is selected as a whole.
for (const field of document.querySelectorAll(".dc-copy input")) field.addEventListener("focus", () => field.select());

// "/" goes to the search field, as in many lists.
document.addEventListener("keydown", (event) => {
  const search = document.querySelector("[role=search] input");
  if (event.key !== "/" || !search || event.target.closest("input, textarea, select, [contenteditable]")) return;
  event.preventDefault();
  search.focus();
});

// What asks to be confirmed can be put away again, by a button or by Escape.
for (const asked of document.querySelectorAll("details.dw-confirm")) {
  const opener = asked.querySelector("summary");
  const away = () => {
    asked.open = false;
    opener.focus();
  };
  const cancel = document.createElement("button");
  cancel.type = "button";
  cancel.className = "dw-button dw-quiet dw-small";
  cancel.textContent = document.querySelector("main")?.dataset.cancel ?? "×";
  cancel.addEventListener("click", away);
  const act = asked.querySelector("form button[type=submit]:last-of-type");
  if (act) {
    const both = document.createElement("div");
    both.className = "dc-actions";
    act.replaceWith(both);
    both.append(act, cancel);
  }
  asked.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !asked.open) return;
    event.preventDefault();
    away();
  });
  // The button that opened it is hidden: the focus goes on to what it opened.
  asked.addEventListener("toggle", () => {
    if (asked.open && [document.body, opener].includes(document.activeElement)) asked.querySelector("form :is(input:not([type=hidden]), select, button)")?.focus();
  });
}

// What was typed and not saved is not lost by a click.
const changed = new Set();
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[method=post]");
  if (form) changed.add(form);
});
// What is sent is kept; what stands in another form of the page is not.
document.addEventListener("submit", (event) => changed.delete(event.target));
addEventListener("beforeunload", (event) => {
  if (changed.size) event.preventDefault();
});

// What is still going on is shown anew until it is done.
const live = async () => {
  const shown = document.querySelector("[data-live]");
  if (!shown) return;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(shown.id);
    if (answer.ok && fresh?.hasAttribute("data-live")) shown.replaceChildren(...fresh.childNodes);
    // Done: the whole page has more to say than this part of it.
    else if (answer.ok && fresh) return location.replace(location.pathname);
  } catch {
    // The server may be starting again; the next try tells.
  }
  setTimeout(live, 1000);
};
setTimeout(live, 700);

// The preview of a look follows what is typed.
const branding = document.getElementById("branding");
const choice = document.getElementById("preview-choice");
if (branding && choice) {
  const previews = [...document.querySelectorAll("[data-preview]")];
  let soon;
  const show = () => {
    clearTimeout(soon);
    soon = setTimeout(() => {
      const query = new URLSearchParams(new FormData(choice));
      for (const name of ["name", "color", "logo_url"]) query.set(name, branding.elements[name].value);
      if (branding.elements.no_color?.checked) query.set("no_color", "yes");
      for (const frame of previews) {
        query.set("theme", frame.dataset.preview);
        const address = `/console/branding/preview?${query}`;
        if (frame.getAttribute("src") !== address) frame.setAttribute("src", address);
      }
    }, 150);
  };
  branding.addEventListener("input", show);
  choice.addEventListener("change", show);
}
