"use strict";(self.rspackChunk_jina_notebook_labextension=self.rspackChunk_jina_notebook_labextension||[]).push([[827],{976(n,e,t){let r=Math.random().toString(36).slice(2,8),a=0;function o(n){return a+=1,`jn-${n}-${r}-${a}`}function i(n,e={},...t){let r=document.createElement(n);for(let[n,t]of Object.entries(e))null!=t&&!1!==t&&(n.startsWith("on")?r.addEventListener(n.slice(2),t):"class"===n?r.className=t:"style"===n?r.style.cssText=t:n in r&&!/^(aria|data|role|list|form|tabindex|for)/.test(n)?r[n]=t:r.setAttribute(n,!0===t?"":String(t)));return function(n,e){for(let t of e.flat())null!=t&&!1!==t&&n.appendChild("string"==typeof t?document.createTextNode(t):t)}(r,t),r}t.d(e,{},{C:async function(n,e){try{return await navigator.clipboard.writeText(n),!0}catch{let t=i("textarea",{class:"jn-code",readOnly:!0,rows:4,"aria-label":"Text to copy"});return t.value=n,e.appendChild(t),t.focus(),t.select(),t.addEventListener("blur",()=>t.remove(),{once:!0}),!1}},Ld:o,Lt:function(n,e,t){var r,a,o;let c=i("select",{class:"jn-select",onchange:()=>t(c.value)});return r=c,a=n,o=e,r.replaceChildren(...a.map(n=>{let[e,t]="string"==typeof n?[n,n]:n;return i("option",{value:e},t)})),r.value=o,c},h:i,wW:function(n,e,t=""){return e.id||=o("control"),i("span",{class:`jn-field ${t}`.trim()},i("label",{for:e.id},n),e)},x6:function(n,e,t={}){return i("button",{type:"button",class:"jn-button",onclick:e,...t},n)}})},244(n,e,t){var r=t(976);t.d(e,{},{Gt:function(n,e,t){let a=(0,r.h)("section",{class:`jn-widget jn-${e}`,"aria-label":t,"data-lm-suppress-shortcuts":"true"});for(let n of["keydown","keyup","keypress"])a.addEventListener(n,n=>n.stopPropagation());return n.appendChild(a),a}})},984(n,e,t){var r=t(645),a=t.n(r),o=t(278),i=(t.n(o))()(a());i.push([n.id,`.jn-widget {
  --jn-back: var(--jp-layout-color1, var(--vscode-editor-background, Canvas));
  --jn-text: var(--jp-content-font-color1, var(--vscode-editor-foreground, CanvasText));
  --jn-quiet: color-mix(in srgb, var(--jn-text) 82%, var(--jn-back));
  --jn-line: color-mix(in srgb, var(--jn-text) 55%, var(--jn-back));
  --jn-faint: color-mix(in srgb, var(--jn-text) 12%, var(--jn-back));
  --jn-accent: #0b62b8;
  --jn-on-accent: #ffffff;
  --jn-warn: #a84300;
  color-scheme: light dark;
  box-sizing: border-box;
  padding: 8px;
  max-width: 100%;
  background: var(--jn-back);
  color: var(--jn-text);
  font-family: var(--jp-ui-font-family, var(--vscode-font-family, system-ui, sans-serif));
  font-size: var(--jp-ui-font-size1, 13px);
  line-height: 1.4;
}
@media (prefers-color-scheme: dark) {
  .jn-widget { --jn-accent: #6db3f2; --jn-on-accent: #10161c; --jn-warn: #f0a070; }
}
[data-jp-theme-light="true"] .jn-widget,
.vscode-light .jn-widget { color-scheme: light; --jn-accent: #0b62b8; --jn-on-accent: #ffffff; --jn-warn: #a84300; }
[data-jp-theme-light="false"] .jn-widget,
.vscode-dark .jn-widget,
.vscode-high-contrast .jn-widget { color-scheme: dark; --jn-accent: #6db3f2; --jn-on-accent: #10161c; --jn-warn: #f0a070; }

.jn-widget *, .jn-widget *::before { box-sizing: border-box; }
.jn-widget [hidden] { display: none !important; }
.jn-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.jn-widget :focus-visible { outline: 3px solid var(--jn-accent); outline-offset: 2px; }
.jn-tools, .jn-row { display: flex; flex-wrap: wrap; gap: 6px 14px; align-items: center; margin: 6px 0; }
.jn-field { display: inline-flex; gap: 6px; align-items: center; }
.jn-wide { flex: 1 1 320px; }
.jn-wide > input { flex: 1; min-width: 0; }
.jn-input, .jn-select, .jn-code {
  min-height: 28px; padding: 3px 6px; font: inherit; color: var(--jn-text); background: var(--jn-back);
  border: 1px solid var(--jn-line); border-radius: 3px;
}
.jn-number { width: 5.5em; }
.jn-code { width: 100%; font-family: var(--jp-code-font-family, monospace); }
.jn-button {
  min-height: 28px; padding: 3px 12px; font: inherit; color: var(--jn-text); background: var(--jn-faint);
  border: 1px solid var(--jn-line); border-radius: 3px; cursor: pointer;
}
.jn-button.jn-first { color: var(--jn-on-accent); background: var(--jn-accent); border-color: var(--jn-accent); }
.jn-button:disabled { opacity: 0.6; cursor: default; }
.jn-button[aria-pressed="true"] { outline: 2px solid var(--jn-accent); outline-offset: -3px; }
.jn-widget fieldset { display: flex; flex-wrap: wrap; gap: 4px 14px; border: 1px solid var(--jn-line); border-radius: 3px; padding: 2px 8px 6px; margin: 0; min-width: 0; }
.jn-widget summary { cursor: pointer; min-height: 24px; }
.jn-widget input[type="checkbox"] { width: 18px; height: 18px; accent-color: var(--jn-accent); }
.jn-status { display: flex; flex-wrap: wrap; gap: 10px; align-items: center; min-height: 28px; }
.jn-status[data-state="failed"] { border-left: 4px solid var(--jn-warn); padding-left: 8px; }
.jn-progress { width: 160px; accent-color: var(--jn-accent); }
.jn-note, .jn-empty { color: var(--jn-quiet); margin: 4px 0; }
.jn-title { margin: 4px 0; }
.jn-warning { border-left: 4px solid var(--jn-warn); padding-left: 8px; margin: 4px 0; }
.jn-tabs { display: flex; flex-wrap: wrap; gap: 2px; border-bottom: 1px solid var(--jn-line); margin-top: 6px; }
.jn-tab { min-height: 28px; padding: 3px 12px; font: inherit; color: var(--jn-text); background: none; border: 0; border-bottom: 3px solid transparent; cursor: pointer; }
.jn-tab[aria-selected="true"] { font-weight: 600; border-bottom-color: var(--jn-accent); }
.jn-scroll { overflow: auto; max-height: 560px; }
.jn-widget table { border-collapse: collapse; margin: 4px 0; font-size: inherit; background: none; border: 0; }
.jn-widget caption { text-align: left; font-weight: 600; padding: 2px 0; caption-side: top; color: var(--jn-text); }
.jn-widget th, .jn-widget td { padding: 4px 10px 4px 0; vertical-align: top; text-align: left; white-space: normal; max-width: 640px; overflow-wrap: anywhere; background: none; color: var(--jn-text); }
.jn-widget tbody tr { border-top: 1px solid var(--jn-faint); background: none; }
.jn-widget tbody tr:hover { background: var(--jn-faint); }
.jn-widget .jn-right { text-align: right; font-variant-numeric: tabular-nums; }
.jn-widget thead th { position: sticky; top: 0; background: var(--jn-back); z-index: 1; white-space: nowrap; }
.jn-sort { font: inherit; font-weight: 600; color: inherit; background: none; border: 0; padding: 2px; min-height: 24px; cursor: pointer; text-decoration: underline dotted; }
.jn-widget mark { background: #ffe08a; color: #1a1a1a; }
.jn-bar { display: inline-flex; gap: 8px; align-items: center; white-space: nowrap; font-variant-numeric: tabular-nums; }
.jn-gauge { width: 80px; height: 10px; border: 1px solid var(--jn-line); background: var(--jn-back); display: inline-block; }
.jn-gauge > span { display: block; height: 100%; background: var(--jn-accent); }
.jn-widget tr.jn-detail { border-top: 0; }
.jn-widget pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 4px 0; color: inherit; background: none; font-family: var(--jp-code-font-family, monospace); max-height: 260px; overflow: auto; }
.jn-up, .jn-down { white-space: nowrap; font-weight: 600; }
.jn-widget .jn-grid th, .jn-widget .jn-grid td { padding: 2px 6px; }
.jn-widget .jn-shade { text-align: right; font-variant-numeric: tabular-nums; }
.jn-widget svg text { fill: var(--jn-text); }
.jn-widget img { max-width: 100%; }
@media (forced-colors: active) {
  .jn-gauge > span { background: Highlight; forced-color-adjust: none; }
  .jn-widget { border: 1px solid CanvasText; }
  .jn-tab[aria-selected="true"] { border-bottom-color: Highlight; }
  .jn-shade, .jn-widget mark { forced-color-adjust: none; }
}
@media (prefers-reduced-motion: reduce) { .jn-widget * { transition: none !important; animation: none !important; } }
`,""]),t.d(e,{},{A:i})},512(n,e,t){var r=t(645),a=t.n(r),o=t(278),i=t.n(o),c=t(984),d=i()(a());d.i(c.A),d.push([n.id,`
`,""]),t.d(e,{},{A:d})},278(n){n.exports=function(n){var e=[];return e.toString=function(){return this.map(function(e){var t="",r=void 0!==e[5];return e[4]&&(t+="@supports (".concat(e[4],") {")),e[2]&&(t+="@media ".concat(e[2]," {")),r&&(t+="@layer".concat(e[5].length>0?" ".concat(e[5]):""," {")),t+=n(e),r&&(t+="}"),e[2]&&(t+="}"),e[4]&&(t+="}"),t}).join("")},e.i=function(n,t,r,a,o){"string"==typeof n&&(n=[[null,n,void 0]]);var i={};if(r)for(var c=0;c<this.length;c++){var d=this[c][0];null!=d&&(i[d]=!0)}for(var s=0;s<n.length;s++){var l=[].concat(n[s]);r&&i[l[0]]||(void 0!==o&&(void 0===l[5]||(l[1]="@layer".concat(l[5].length>0?" ".concat(l[5]):""," {").concat(l[1],"}")),l[5]=o),t&&(l[2]&&(l[1]="@media ".concat(l[2]," {").concat(l[1],"}")),l[2]=t),a&&(l[4]?(l[1]="@supports (".concat(l[4],") {").concat(l[1],"}"),l[4]=a):l[4]="".concat(a)),e.push(l))}},e}},645(n){n.exports=function(n){return n[1]}},55(n,e,t){var r=t(292),a=t.n(r),o=t(893),i=t.n(o),c=t(383),d=t.n(c),s=t(884),l=t.n(s),p=t(88),u=t.n(p),f=t(997),g=t.n(f),j=t(512),h={};h.styleTagTransform=g(),h.setAttributes=l(),h.insert=d().bind(null,"head"),h.domAPI=i(),h.insertStyleElement=u(),a()(j.A,h),j.A&&j.A.locals&&j.A.locals},292(n){var e=[];function t(n){for(var t=-1,r=0;r<e.length;r++)if(e[r].identifier===n){t=r;break}return t}function r(n,r){for(var a={},o=[],i=0;i<n.length;i++){var c=n[i],d=r.base?c[0]+r.base:c[0],s=a[d]||0,l="".concat(d," ").concat(s);a[d]=s+1;var p=t(l),u={css:c[1],media:c[2],sourceMap:c[3],supports:c[4],layer:c[5]};if(-1!==p)e[p].references++,e[p].updater(u);else{var f=function(n,e){var t=e.domAPI(e);return t.update(n),function(e){e?(e.css!==n.css||e.media!==n.media||e.sourceMap!==n.sourceMap||e.supports!==n.supports||e.layer!==n.layer)&&t.update(n=e):t.remove()}}(u,r);r.byIndex=i,e.splice(i,0,{identifier:l,updater:f,references:1})}o.push(l)}return o}n.exports=function(n,a){var o=r(n=n||[],a=a||{});return function(n){n=n||[];for(var i=0;i<o.length;i++){var c=t(o[i]);e[c].references--}for(var d=r(n,a),s=0;s<o.length;s++){var l=t(o[s]);0===e[l].references&&(e[l].updater(),e.splice(l,1))}o=d}}},383(n){var e={};n.exports=function(n,t){var r=function(n){if(void 0===e[n]){var t=document.querySelector(n);if(window.HTMLIFrameElement&&t instanceof window.HTMLIFrameElement)try{t=t.contentDocument.head}catch(n){t=null}e[n]=t}return e[n]}(n);if(!r)throw Error("Couldn't find a style target. This probably means that the value for the 'insert' parameter is invalid.");r.appendChild(t)}},88(n){n.exports=function(n){var e=document.createElement("style");return n.setAttributes(e,n.attributes),n.insert(e,n.options),e}},884(n,e,t){n.exports=function(n){var e=t.nc;e&&n.setAttribute("nonce",e)}},893(n){n.exports=function(n){if("u"<typeof document)return{update:function(){},remove:function(){}};var e=n.insertStyleElement(n);return{update:function(t){var r,a,o;r="",t.supports&&(r+="@supports (".concat(t.supports,") {")),t.media&&(r+="@media ".concat(t.media," {")),(a=void 0!==t.layer)&&(r+="@layer".concat(t.layer.length>0?" ".concat(t.layer):""," {")),r+=t.css,a&&(r+="}"),t.media&&(r+="}"),t.supports&&(r+="}"),(o=t.sourceMap)&&"u">typeof btoa&&(r+="\n/*# sourceMappingURL=data:application/json;base64,".concat(btoa(unescape(encodeURIComponent(JSON.stringify(o))))," */")),n.styleTagTransform(r,e,n.options)},remove:function(){var n;null===(n=e).parentNode||n.parentNode.removeChild(n)}}}},997(n){n.exports=function(n,e){if(e.styleSheet)e.styleSheet.cssText=n;else{for(;e.firstChild;)e.removeChild(e.firstChild);e.appendChild(document.createTextNode(n))}}},379(n,e,t){t.d(e,{},{a:function(n){let e=n?.load("jina_notebook");return n=>e?e.__(n):n}})}}]);