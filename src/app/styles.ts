import { STYLES } from "../report/html/styles.js";

/** The report's styles, and those of the app's own controls. */
export const APP_STYLES = `${STYLES}
.drop { border: 2px dashed var(--line); border-radius: 10px; padding: 1rem; margin-bottom: .75rem; }
.drop.over { border-color: var(--accent); background: var(--page); }
.drop p { max-width: 80ch; }
.choices { display: flex; flex-wrap: wrap; gap: .5rem .75rem; align-items: center; margin: .5rem 0; }
.choices > * { margin: 0; }
.button, a.button {
  display: inline-flex; align-items: center; background: var(--card); color: var(--ink); border: 1px solid var(--line);
  border-radius: 6px; padding: .35rem .8rem; min-height: 40px; cursor: pointer; text-decoration: none;
}
.button:hover { border-color: var(--accent); }
.button:focus-within { outline: 3px solid var(--accent); outline-offset: 2px; }
.primary { background: var(--link); border-color: var(--link); color: var(--card); font-weight: 600; }
button:disabled { opacity: .55; cursor: not-allowed; border-color: var(--line); }
button.primary:disabled { background: var(--card); color: var(--ink); }
#settings details, #plan details { margin: .5rem 0; }
.given { font-weight: 600; overflow-wrap: anywhere; }
.fields { display: flex; flex-wrap: wrap; gap: .75rem 1rem; margin: .5rem 0 .75rem; }
.fields .field { width: 15rem; }
.fields input { width: 100%; }
input[type=text] { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .35rem .6rem; min-height: 40px; }
progress { width: 100%; height: 14px; margin: 0 0 .75rem; accent-color: var(--accent); }
.failure { border-left: 6px solid var(--accent); }
.failure p { white-space: pre-wrap; overflow-wrap: anywhere; max-width: none; }
.option { white-space: nowrap; }
.decision { font-size: 1.5rem; }
#verdict { border-left: 6px solid var(--curve-front); }
#verdict:focus, #planned:focus { outline: none; }
#verdict-text p:first-child, #planned p:first-child { font-size: 1.1rem; max-width: 90ch; }
.targets { border: 0; padding: 0; margin: .75rem 0; display: grid; gap: .4rem; }
.targets legend { padding: 0; font-weight: 600; }
.targets label, .check { display: flex; gap: .4rem; align-items: center; }
.check { align-items: flex-start; margin: .5rem 0; }
.check input { flex: none; margin-top: .2rem; }
.targets input[type=radio] { flex: none; }
.targets input[type=number] { flex: 0 1 7rem; min-width: 4rem; }
::placeholder { color: var(--muted); opacity: 1; }
input[type=checkbox] { accent-color: var(--accent); width: 1.1rem; height: 1.1rem; }
textarea { font: .9rem/1.4 ui-monospace, monospace; color: var(--ink); background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .5rem; width: min(40rem, 80vw); max-width: 100%; }
#models input[type=number] { width: 6rem; }
#models td, #models th { vertical-align: middle; }
#frame { display: block; width: 100%; height: 70vh; border: 0; }
`;
