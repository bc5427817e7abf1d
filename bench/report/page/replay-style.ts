/**
 * The look of the cluster replay: a column of labels, a column of time; everything in the right one shares one axis.
 */

/** Added to the page where it has a replay. */
export const REPLAY_STYLE = `.replay{margin:1rem 0;--labels:10.5rem}
.replay .controls{display:flex;flex-wrap:wrap;gap:.5rem .75rem;align-items:center;margin:.75rem 0}
.replay .controls output{font-variant-numeric:tabular-nums;min-width:11rem}
.tracks{position:relative;display:grid;grid-template-columns:var(--labels) minmax(0,1fr);gap:2px .75rem;align-items:center;font-size:.8125rem}
.tracks .label{color:var(--soft);text-align:right;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.tracks .track{position:relative;height:1.15rem;background:var(--raised);overflow:hidden}
.tracks .track.ticks{background:none;height:1.2rem;overflow:visible}
.tracks .track.ticks span{position:absolute;transform:translateX(-50%);color:var(--soft);white-space:nowrap}
.tracks .track.ticks span:first-child{transform:none}.tracks .track.ticks span.end{transform:translateX(-100%)}
.tracks .track.slider{background:none;height:1.75rem;overflow:visible}
.tracks input[type=range]{position:absolute;left:-8px;width:calc(100% + 16px);max-width:none;margin:0;height:100%;accent-color:var(--link)}
.tracks .segment{position:absolute;top:0;bottom:0;min-width:2px;overflow:hidden;white-space:nowrap;text-overflow:ellipsis;padding:0 .35rem;line-height:1.15rem;font-size:.75rem;border-left:1px solid var(--paper)}
.tracks .segment.fault{background:var(--fault);border-left:2px solid var(--fault-edge);color:var(--ink)}
.tracks .segment.nobody{background:repeating-linear-gradient(135deg,var(--fault) 0 4px,transparent 4px 8px);color:var(--ink)}
.tracks .segment.leader{background:var(--heat0);border-left-color:var(--edge);color:var(--ink)}.tracks .segment.leader.odd{background:var(--rule)}
.tracks .track.area{height:2.5rem}.tracks .track.area canvas,.tracks .track.heat canvas{display:block;width:100%;height:100%}
.tracks .track.heat{height:auto;background:none;cursor:crosshair}
.tracks .cursor{position:absolute;top:1.9rem;bottom:0;width:0;border-left:1.5px solid var(--ink);pointer-events:none}
.snapshot{display:grid;grid-template-columns:minmax(0,1fr) 20rem;gap:1rem 2.5rem;margin-top:1rem}
.snapshot canvas{display:block;width:100%}.snapshot canvas:focus-visible{outline-offset:4px}
.snapshot dl{display:grid;grid-template-columns:auto 1fr;gap:.1rem .75rem;margin:0;font-size:.875rem;font-variant-numeric:tabular-nums;align-content:start}
.snapshot dt{color:var(--soft);white-space:nowrap}.snapshot dd{margin:0;text-align:right;overflow-wrap:anywhere}
.swatch{display:inline-block;width:.8rem;height:.8rem;border-radius:2px;vertical-align:-1px;margin:0 .3rem 0 .9rem;border:1px solid var(--edge)}
.swatch.ramp{width:3.5rem;background:linear-gradient(90deg,var(--heat0),var(--heat1))}.swatch.away{background:var(--away)}.swatch.cordoned{background:var(--cordoned)}.swatch.power{background:none;border:2px solid var(--fault-edge)}.swatch.absent{background:var(--absent)}
.swatch.first{margin-left:0}
.detail{min-height:1.5rem;font-size:.875rem;color:var(--soft)}
tr.now>*{background:var(--raised)}.jump,.jump:hover{border:0;padding:0;background:none;color:var(--link);text-decoration:underline;text-underline-offset:.15em;font-variant-numeric:tabular-nums}
.uplot{font-family:inherit;max-width:100%}.uplot .u-legend{font-size:.8125rem;color:var(--soft);text-align:left}.uplot .u-legend th{font-weight:400}.uplot th,.uplot td{border:0;padding:0 .25rem 0 0;vertical-align:middle;min-width:0!important}.u-select{background:var(--fault)!important}
@media (max-width:40rem){.replay{--labels:5.5rem}.snapshot{grid-template-columns:1fr}.tracks .label{white-space:normal;line-height:1.1}}
`;
