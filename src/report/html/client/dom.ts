/** The element of the page with this id. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

/** A new element. The text is always text: nothing in it is read as markup. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = "",
  text?: string,
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className !== "") element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

/** Adds a section with a heading and a line of text to the end of an element. */
export function addSection(parent: HTMLElement, heading: string, text: string): HTMLElement {
  const section = make("section");
  const title = make("h2", "", heading);
  title.id = `heading-${document.querySelectorAll("h2").length}`;
  section.setAttribute("aria-labelledby", title.id);
  section.append(title, make("p", "lead", text));
  parent.append(section);
  return section;
}

/** Content that is hidden until the reader opens it. */
export function folded(title: string, content: HTMLElement): HTMLElement {
  const details = make("details");
  details.append(make("summary", "", title), content);
  return details;
}

/** A function that runs an action once it has not been called for some milliseconds. */
export function whenQuiet(action: () => void, ms: number): () => void {
  let timer = 0;
  return () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(action, ms);
  };
}
