(function(d,w){
var f=d.getElementById("f"),k="manyi:"+location.pathname,s={},m={},t,b=d.querySelector(".box");
try{s=w.sessionStorage;m=JSON.parse(s.getItem(k)||"{}")}catch(e){}
function keep(){try{s.setItem(k,JSON.stringify(m))}catch(e){}}
function size(){if(w.parent!==w)w.parent.postMessage({manyi:location.pathname,height:Math.ceil(d.body.getBoundingClientRect().height)},"*")}
if(w.ResizeObserver)new ResizeObserver(size).observe(d.body);size();
if(!f||!f.dataset.page){m={};keep();return}
if(f.dataset.fresh){
var n=performance.getEntriesByType&&performance.getEntriesByType("navigation")[0];
if(n&&n.type==="back_forward"){
if(m.token)f.elements.token.value=m.token;
(m[f.dataset.page]||[]).forEach(function(p){
f.querySelectorAll("[name='"+p[0]+"']").forEach(function(e){if(/radio|checkbox/.test(e.type)){if(e.value===p[1])e.checked=true}else e.value=p[1]})})}
else{m={};keep()}}
if(b)b.focus();
function grow(e){if(!w.CSS||!CSS.supports("field-sizing","content")){e.style.height="auto";e.style.height=e.scrollHeight+2+"px"}
var n=e.nextElementSibling;if(n&&n.className==="n")n.textContent=e.value.length+" / "+e.maxLength}
d.querySelectorAll("textarea").forEach(grow);
f.addEventListener("input",function(e){var x=e.target;
if(x.tagName==="TEXTAREA")grow(x);
if(x.type==="checkbox"&&x.checked&&x.name)f.querySelectorAll("[name='"+x.name+"']").forEach(function(y){if(y!==x&&y.checked&&(x.dataset.x||y.dataset.x))y.checked=false})});
f.addEventListener("click",function(e){
if(f.dataset.go&&e.target.type==="radio"&&e.detail)w.setTimeout(function(){f.requestSubmit&&f.requestSubmit()},250)});
f.addEventListener("keydown",function(e){
if(e.target.type==="radio"&&/^[0-9]$/.test(e.key)){var o=f.querySelector("[name='"+e.target.name+"'][value='"+e.key+"']");if(o){o.checked=true;o.focus()}}});
f.addEventListener("submit",function(e){
if(t){e.preventDefault();return}
m.token=f.elements.token.value;m[f.dataset.page]=Array.from(new FormData(f)).filter(function(p){return p[0].slice(0,2)==="q."});keep();
if(navigator.onLine===false){e.preventDefault();d.getElementById("off").hidden=false;d.getElementById("off").focus();return}
f.classList.add("busy");t=w.setTimeout(free,8000)});
function free(){w.clearTimeout(t);t=0;f.classList.remove("busy")}
w.addEventListener("pageshow",free);
})(document,window)
