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

// What was typed and not saved is not lost by a click.
let changed = false;
document.addEventListener("input", (event) => {
  if (event.target.closest("form[method=post]")) changed = true;
});
document.addEventListener("submit", () => { changed = false; });
addEventListener("beforeunload", (event) => {
  if (changed) event.preventDefault();
});
