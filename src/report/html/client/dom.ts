/** The element of the page's shell that has this id. */
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

/** A section with a heading and a line of text, at the end of another element. */
export function addSection(parent: HTMLElement, heading: string, text: string): HTMLElement {
  const section = make("section");
  const title = make("h2", "", heading);
  title.id = `heading-${document.querySelectorAll("h2").length}`;
  section.setAttribute("aria-labelledby", title.id);
  section.append(title, make("p", "lead", text));
  parent.append(section);
  return section;
}

/** A part that is folded away until it is asked for. */
export function folded(title: string, content: HTMLElement): HTMLElement {
  const details = make("details");
  details.append(make("summary", "", title), content);
  return details;
}

/** Calls back once things have been quiet for a while. */
export function whenQuiet(action: () => void, ms: number): () => void {
  let timer = 0;
  return () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(action, ms);
  };
}
