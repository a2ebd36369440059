"use strict";
// Reads the packed data of the latents. A latent is known by its place in the columns.
const latentData = (() => {
  const unpack = async (id) => (await dom.unpacked(id)).json();

  async function read() {
    const index = await unpack("latent-index");
    const { runs, slots, latents, hookpoints, texts } = index;
    const placeholders = new Set(index.placeholders);
    const slotAt = new Map(slots.map((slot, at) => [`${slot.run} ${slot.scoreType}`, at]));
    const nGroups = 1 + Math.max(-1, ...runs.map((run) => run.group));
    const leaders = Array.from({ length: nGroups }, (_, group) => runs.find((run) => run.group === group));
    const n = latents.index.length;
    const chunks = new Map();

    // A run's columns begin with the first latent of its group.
    const valueAt = (column, run, place) => column[place - index.starts[runs[run].group]] ?? null;
    const slot = (run, scoreType) => slots[slotAt.get(`${run} ${scoreType}`)] ?? null;
    const runsOf = (place) => runs.map((_, at) => at).filter((at) => runs[at].group === latents.group[place]);

    function hash(place) {
      const parts = [hookpoints[latents.hookpoint[place]], latents.index[place]];
      if (nGroups > 1) parts.push(leaders[latents.group[place]].name);
      return "#latent/" + parts.map(encodeURIComponent).join("/");
    }
    const placeAt = new Map(Array.from({ length: n }, (_, place) => [hash(place), place]));

    return {
      n,
      nGroups,
      runs,
      hookpoints,
      measures: index.measures,
      measure: index.measure,
      scoreTypes: index.scoreTypes,
      slot,
      slots,
      pair: index.pair,
      runsOf,
      hash,
      placeAt: (text) => placeAt.get(text) ?? null,
      group: (place) => latents.group[place],
      // Where Neuronpedia shows it; null if it does not.
      neuronpedia(place) {
        const known = runs.find((run) => run.group === latents.group[place] && run.neuronpedia);
        return known ? known.neuronpedia.replace("{hookpoint}", encodeURIComponent(hookpoints[latents.hookpoint[place]])).replace("{latent}", latents.index[place]) : null;
      },
      groupLabel: (group) => runs.filter((run) => run.group === group).map((run) => run.label).join(", "),
      hookpoint: (place) => hookpoints[latents.hookpoint[place]],
      latent: (place) => latents.index[place],
      name: (place) => `${hookpoints[latents.hookpoint[place]]} ${latents.index[place]}`,
      explanation(run, place) {
        const text = valueAt(index.explanations[run], run, place);
        return text === null ? null : { text: texts[text], isPlaceholder: placeholders.has(text) };
      },
      firing: (run, place) => valueAt(index.firing.columns[index.firing.ofRun[run]], run, place),
      count(run, scoreType, name, place) {
        const found = slot(run, scoreType);
        return found && valueAt(found.counts[name], run, place);
      },
      value(run, scoreType, measure, place) {
        const column = slot(run, scoreType)?.measures[measure];
        const scaled = column ? valueAt(column, run, place) : null;
        return scaled === null ? null : scaled / index.scale;
      },
      // The smaller, the better?
      isLoss: (measure) => index.measures.find(({ name }) => name === measure).isLoss,
      // { n, peak, tenths, examples } of a latent, null without any; a hundred latents are unpacked at a time.
      async examples(place) {
        const chunk = Math.floor(place / index.chunk);
        const id = `latent-examples-${chunk}`;
        if (!document.getElementById(id)) return null;
        if (!chunks.has(chunk)) chunks.set(chunk, unpack(id));
        return (await chunks.get(chunk))[place % index.chunk];
      },
    };
  }

  return { ready: read() };
})();
