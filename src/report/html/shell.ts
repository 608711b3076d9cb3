/** The page without its data: landmarks and controls, which the client fills. */
export const SHELL = `<a class="skip" href="#main">Skip to the content</a>
<header>
<p class="brand">OptLLM report</p>
<h1 id="title">OptLLM report</h1>
</header>
<noscript><p class="warning">A script inside this file draws the report. Please allow scripts to read it.</p></noscript>
<main id="main" tabindex="-1">
<section aria-labelledby="summary-heading">
<h2 id="summary-heading">Summary</h2>
<div id="sentences"></div>
<dl id="figures" class="figures"></dl>
</section>
<section id="front" aria-labelledby="front-heading" hidden>
<h2 id="front-heading">Accuracy by cost</h2>
<p id="front-text" class="lead"></p>
<div class="explore">
<figure>
<fieldset id="axis" class="axis"><legend>Cost axis</legend>
<label><input type="radio" name="axis" value="log"> logarithmic</label>
<label><input type="radio" name="axis" value="linear"> linear</label>
</fieldset>
<div id="front-chart" class="chart"></div>
<div id="front-legend"></div>
<div id="front-table"></div>
</figure>
<div class="panel">
<h3>Move the budget</h3>
<p class="hint">Drag here or click in the chart. The figures are those of the most accurate point drawn within the budget.</p>
<input type="range" id="slider" min="0" max="1000" aria-label="Budget along the cost axis">
<div class="controls">
<label class="field">Budget, dollars <input type="number" id="budget" min="0" step="any" inputmode="decimal"></label>
<button type="button" id="reset">Reset</button>
</div>
<dl id="readings" class="readings"></dl>
<p id="price"></p>
<div id="bars-part">
<h3>Model shares at this budget</h3>
<ul id="bars" class="bars"></ul>
</div>
<p id="live" class="unseen" role="status"></p>
</div>
<div id="command-line"><h3>Command for this allocation</h3><pre tabindex="0" aria-label="Command for this budget"><code id="command"></code></pre></div>
</div>
</section>
<section id="shares" aria-labelledby="shares-heading" hidden>
<h2 id="shares-heading">Model shares along the front</h2>
<p class="lead">The share of the queries that each model answers at each total cost along the front.</p>
<figure>
<div id="shares-chart" class="chart"></div>
<div id="shares-legend"></div>
<div id="shares-table"></div>
</figure>
</section>
<div id="rest"></div>
</main>
<footer><p>Made by OptLLM. This file is complete: it needs no network.</p></footer>`;
