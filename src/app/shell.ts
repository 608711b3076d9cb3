import { PREDICTORS } from "../predict/fit.js";

const PREDICTOR_OPTIONS = PREDICTORS.map((name) => `<option>${name}</option>`).join("");

/** A file that may be chosen, and taken back. */
function fileControl(id: string, label: string, accept: string): string {
  return `<div class="choices"><label class="button">${label}<input type="file" id="${id}-file" class="unseen" accept="${accept}"></label><span id="${id}-given" class="given"></span><button type="button" id="${id}-clear" hidden>Remove it</button></div>`;
}

function limitsField(id: string, command: string): string {
  return `<label class="field"><span>As <code>${command} --constraints</code> takes them, in YAML</span> <textarea id="${id}" rows="4" spellcheck="false" placeholder="limit: 'gpt-4o: 200 queries'"></textarea></label>`;
}

/** The page without its data: landmarks and controls, which the client fills and shows. */
export const SHELL = `<a class="skip" href="#main">Skip to the content</a>
<header>
<p class="brand">OptLLM</p>
<h1>Does routing pay?</h1>
<p class="lead">Give it what several models answered, with scores and costs. It says whether to send each query to its own model, and what that saves. Everything is computed here: no file leaves this page, which makes no request.</p>
</header>
<noscript><p class="warning">Scripts inside this file read and compute. Please allow them.</p></noscript>
<main id="main" tabindex="-1">
<section aria-labelledby="rows-heading">
<h2 id="rows-heading">Labelled rows</h2>
<div id="drop" class="drop">
<p><strong>Drop a file or a folder here</strong>, or choose one: results of promptfoo, lm-evaluation-harness, Inspect, RouterBench and others, or a table with <code>&lt;model&gt;__score</code> and <code>&lt;model&gt;__cost</code> in CSV, JSON Lines or Parquet. Text may be packed with gzip.</p>
<div class="choices">
<label class="button primary">Choose files<input type="file" id="files" class="unseen" multiple></label>
<label class="button">Choose a folder<input type="file" id="folder" class="unseen" webkitdirectory></label>
<button type="button" id="example">Try with sample data</button>
</div>
</div>
<p id="given" class="given" hidden></p>
<details id="settings">
<summary>Settings</summary>
<div class="fields">
<label class="field">Rows to fit, % <input type="number" id="train" min="0.01" max="99" step="any" placeholder="5, at least 100 rows"></label>
<label class="field">Rows to choose settings, % <input type="number" id="validation" min="0.01" max="99" step="any" placeholder="5, at least 100 rows"></label>
<label class="field">Random splits <input type="number" id="repeats" min="1" max="100" value="1"></label>
<label class="field">Seed <input type="number" id="seed" min="0" max="2147483647" value="1"></label>
<label class="field">Predictor <select id="predictor">${PREDICTOR_OPTIONS}</select></label>
</div>
<details>
<summary>What is read</summary>
<div class="fields">
<label class="field">Only these models <input type="text" id="only-models" placeholder="gpt-4o, small" spellcheck="false"></label>
<label class="field">Column of the texts <input type="text" id="query-column" placeholder="query, prompt, …" spellcheck="false"></label>
<label class="field">Columns to predict from <input type="text" id="feature-columns" placeholder="task, tenant" spellcheck="false"></label>
<label class="field">Figures by column <input type="text" id="group" placeholder="task" spellcheck="false"></label>
<label class="field">Metric of other tools’ results <input type="text" id="metric" placeholder="the one that a note names" spellcheck="false"></label>
<label class="field">Scorer of Inspect logs <input type="text" id="scorer" spellcheck="false"></label>
<label class="field">Scale of the scores <input type="text" id="scale" placeholder="0..1, or found" spellcheck="false"></label>
</div>
<label class="field">Only rows that meet these conditions, one on each line <textarea id="where" rows="2" spellcheck="false" placeholder="task=math"></textarea></label>
<label class="check"><input type="checkbox" id="skip-bad-rows"> Leave out rows that cannot be read, at most 5 % of them</label>
</details>
<details>
<summary>Prices</summary>
<p class="hint">Costs that rows record stand; where they are missing they come from tokens and prices. A model’s own price here replaces recorded costs too.</p>
${fileControl("prices", "Choose a price file", ".json,.yaml,.yml,.csv")}
<label class="field">Prices of models, in dollars per million tokens of input and output, one on each line <textarea id="price" rows="2" spellcheck="false" placeholder="gpt-4o=2.5/10"></textarea></label>
</details>
<details>
<summary>Vectors</summary>
<p class="hint">A .npy file with one row for each labelled row, or columns of the rows.</p>
${fileControl("vectors", "Choose a .npy file", ".npy")}
<label class="field">Beginning of the columns’ names <input type="text" id="vector-columns" placeholder="v_" spellcheck="false"></label>
<label class="check"><input type="checkbox" id="vectors-add"> Beside the texts, as far as vectors help (otherwise in their place)</label>
</details>
<details>
<summary>Limits</summary>
${limitsField("judge-limits", "optllm backtest")}
</details>
<p class="hint">These are the options of <code>optllm backtest</code>. The same file, settings and seed give the same figures there.</p>
<button type="button" id="again" disabled>Judge again</button>
</details>
</section>
<section id="running" aria-labelledby="running-heading" hidden>
<h2 id="running-heading">Working</h2>
<p id="phase" role="status"></p>
<progress id="progress" aria-labelledby="phase"></progress>
<button type="button" id="cancel">Cancel</button>
</section>
<section id="failure" role="alert" class="failure" hidden>
<h2 id="failure-heading">That did not work</h2>
<p id="failure-text"></p>
<p id="failure-hint" class="hint">Options that it names are fields of the settings above, or belong to the command line.</p>
</section>
<section id="verdict" aria-labelledby="decision" tabindex="-1" hidden>
<h2 id="decision" class="decision"></h2>
<div id="verdict-text"></div>
<div id="verdict-groups"></div>
<p id="before" class="lead" hidden></p>
<p id="took" class="hint"></p>
<div id="verdict-command"></div>
<div class="choices">
<button type="button" id="fit">Make the predictor</button>
</div>
<div id="fitted"></div>
</section>
<section id="what-if" aria-labelledby="what-if-heading" hidden>
<h2 id="what-if-heading">What if</h2>
<p class="lead">Leave models out or change what they cost, and judge again. Batches of most vendors cost half.</p>
<div class="scroll" role="region" aria-labelledby="what-if-heading" tabindex="0"><table><thead><tr><th scope="col">Model</th><th scope="col">Keep</th><th scope="col">Cost times</th></tr></thead><tbody id="models"></tbody></table></div>
<div class="choices">
<button type="button" id="half">Everything at half price</button>
<button type="button" id="unchanged">No changes</button>
<button type="button" id="judge-changed" class="primary">Judge with these changes</button>
</div>
</section>
<section id="plan" aria-labelledby="plan-heading" hidden>
<h2 id="plan-heading">Plan your work</h2>
<p class="lead">Queries to be answered: a file with <code>id</code> and <code>query</code>, or OpenAI Batch input. Predicted from the labelled rows, with the changes above.</p>
<div class="choices">
<label class="button">Choose the work<input type="file" id="work-files" class="unseen"></label>
<span id="work-given"></span>
</div>
<fieldset class="targets"><legend>Choose</legend>
<label><input type="radio" name="target" value="matchBest" checked> as accurate as the best single model</label>
<label><input type="radio" name="target" value="knee"> where more money buys little</label>
<label><input type="radio" name="target" value="budget"> within a budget of $ <input type="number" id="target-budget" min="0" step="any" aria-label="Budget in dollars"></label>
<label><input type="radio" name="target" value="accuracy"> with an accuracy of <input type="number" id="target-accuracy" min="0" max="100" step="any" aria-label="Accuracy in per cent"> %</label>
</fieldset>
<label class="check"><input type="checkbox" id="batch"> Send everything in batches: at batch prices, with files for each vendor</label>
<details>
<summary>Limits, groups and vectors</summary>
${limitsField("limits", "optllm solve")}
<div class="fields">
<label class="field">Figures by column <input type="text" id="work-group" placeholder="task" spellcheck="false"></label>
</div>
<label class="field">Only rows of the work that meet these conditions <textarea id="work-where" rows="2" spellcheck="false" placeholder="task=math"></textarea></label>
${fileControl("work-vectors", "Choose the work’s .npy file", ".npy")}
</details>
<div class="choices"><button type="button" id="start-plan" class="primary" disabled>Plan</button></div>
<div id="planned" tabindex="-1"></div>
</section>
<section id="report" aria-labelledby="report-heading" hidden>
<h2 id="report-heading">Report</h2>
<div class="choices" id="report-files"></div>
</section>
<iframe id="frame" title="Report" hidden></iframe>
</main>
<footer><p>This page is one file: it needs no network and keeps nothing. <a href="#main">To the top</a></p></footer>`;
