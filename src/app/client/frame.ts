import { byId } from "../../report/html/client/dom.js";
import { reveal, saving } from "./show.js";

/** Shows a report's page below the controls, as high as it is. */
export function showReport(page: string): void {
  const frame = byId<HTMLIFrameElement>("frame");
  frame.onload = () => {
    const inside = frame.contentDocument!;
    const fit = (): void => {
      frame.style.height = `${inside.body.scrollHeight + 4}px`;
    };
    new ResizeObserver(fit).observe(inside.body);
    fit();
  };
  frame.srcdoc = page;
  frame.hidden = false;
  reveal("report");
  byId("report-files").replaceChildren(
    saving({ name: "report.html", file: new Blob([page], { type: "text/html" }) }),
  );
}

export function hideReport(): void {
  reveal("report", false);
  reveal("frame", false);
}
