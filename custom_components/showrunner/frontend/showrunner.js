// node_modules/@lit/reactive-element/css-tag.js
var e = globalThis, t = e.ShadowRoot && (e.ShadyCSS === void 0 || e.ShadyCSS.nativeShadow) && "adoptedStyleSheets" in Document.prototype && "replace" in CSSStyleSheet.prototype, n = Symbol(), r = /* @__PURE__ */ new WeakMap(), i = class {
	constructor(e, t, r) {
		if (this._$cssResult$ = !0, r !== n) throw Error("CSSResult is not constructable. Use `unsafeCSS` or `css` instead.");
		this.cssText = e, this.t = t;
	}
	get styleSheet() {
		let e = this.o, n = this.t;
		if (t && e === void 0) {
			let t = n !== void 0 && n.length === 1;
			t && (e = r.get(n)), e === void 0 && ((this.o = e = new CSSStyleSheet()).replaceSync(this.cssText), t && r.set(n, e));
		}
		return e;
	}
	toString() {
		return this.cssText;
	}
}, a = (e) => new i(typeof e == "string" ? e : e + "", void 0, n), o = (e, ...t) => new i(e.length === 1 ? e[0] : t.reduce((t, n, r) => t + ((e) => {
	if (!0 === e._$cssResult$) return e.cssText;
	if (typeof e == "number") return e;
	throw Error("Value passed to 'css' function must be a 'css' function result: " + e + ". Use 'unsafeCSS' to pass non-literal values, but take care to ensure page security.");
})(n) + e[r + 1], e[0]), e, n), s = (n, r) => {
	if (t) n.adoptedStyleSheets = r.map((e) => e instanceof CSSStyleSheet ? e : e.styleSheet);
	else for (let t of r) {
		let r = document.createElement("style"), i = e.litNonce;
		i !== void 0 && r.setAttribute("nonce", i), r.textContent = t.cssText, n.appendChild(r);
	}
}, c = t ? (e) => e : (e) => e instanceof CSSStyleSheet ? ((e) => {
	let t = "";
	for (let n of e.cssRules) t += n.cssText;
	return a(t);
})(e) : e, { is: l, defineProperty: u, getOwnPropertyDescriptor: d, getOwnPropertyNames: f, getOwnPropertySymbols: p, getPrototypeOf: m } = Object, h = globalThis, ee = h.trustedTypes, te = ee ? ee.emptyScript : "", ne = h.reactiveElementPolyfillSupport, g = (e, t) => e, re = {
	toAttribute(e, t) {
		switch (t) {
			case Boolean:
				e = e ? te : null;
				break;
			case Object:
			case Array: e = e == null ? e : JSON.stringify(e);
		}
		return e;
	},
	fromAttribute(e, t) {
		let n = e;
		switch (t) {
			case Boolean:
				n = e !== null;
				break;
			case Number:
				n = e === null ? null : Number(e);
				break;
			case Object:
			case Array: try {
				n = JSON.parse(e);
			} catch {
				n = null;
			}
		}
		return n;
	}
}, ie = (e, t) => !l(e, t), ae = {
	attribute: !0,
	type: String,
	converter: re,
	reflect: !1,
	useDefault: !1,
	hasChanged: ie
};
Symbol.metadata ??= Symbol("metadata"), h.litPropertyMetadata ??= /* @__PURE__ */ new WeakMap();
var _ = class extends HTMLElement {
	static addInitializer(e) {
		this._$Ei(), (this.l ??= []).push(e);
	}
	static get observedAttributes() {
		return this.finalize(), this._$Eh && [...this._$Eh.keys()];
	}
	static createProperty(e, t = ae) {
		if (t.state && (t.attribute = !1), this._$Ei(), this.prototype.hasOwnProperty(e) && ((t = Object.create(t)).wrapped = !0), this.elementProperties.set(e, t), !t.noAccessor) {
			let n = Symbol(), r = this.getPropertyDescriptor(e, n, t);
			r !== void 0 && u(this.prototype, e, r);
		}
	}
	static getPropertyDescriptor(e, t, n) {
		let { get: r, set: i } = d(this.prototype, e) ?? {
			get() {
				return this[t];
			},
			set(e) {
				this[t] = e;
			}
		};
		return {
			get: r,
			set(t) {
				let a = r?.call(this);
				i?.call(this, t), this.requestUpdate(e, a, n);
			},
			configurable: !0,
			enumerable: !0
		};
	}
	static getPropertyOptions(e) {
		return this.elementProperties.get(e) ?? ae;
	}
	static _$Ei() {
		if (this.hasOwnProperty(g("elementProperties"))) return;
		let e = m(this);
		e.finalize(), e.l !== void 0 && (this.l = [...e.l]), this.elementProperties = new Map(e.elementProperties);
	}
	static finalize() {
		if (this.hasOwnProperty(g("finalized"))) return;
		if (this.finalized = !0, this._$Ei(), this.hasOwnProperty(g("properties"))) {
			let e = this.properties, t = [...f(e), ...p(e)];
			for (let n of t) this.createProperty(n, e[n]);
		}
		let e = this[Symbol.metadata];
		if (e !== null) {
			let t = litPropertyMetadata.get(e);
			if (t !== void 0) for (let [e, n] of t) this.elementProperties.set(e, n);
		}
		this._$Eh = /* @__PURE__ */ new Map();
		for (let [e, t] of this.elementProperties) {
			let n = this._$Eu(e, t);
			n !== void 0 && this._$Eh.set(n, e);
		}
		this.elementStyles = this.finalizeStyles(this.styles);
	}
	static finalizeStyles(e) {
		let t = [];
		if (Array.isArray(e)) {
			let n = new Set(e.flat(1 / 0).reverse());
			for (let e of n) t.unshift(c(e));
		} else e !== void 0 && t.push(c(e));
		return t;
	}
	static _$Eu(e, t) {
		let n = t.attribute;
		return !1 === n ? void 0 : typeof n == "string" ? n : typeof e == "string" ? e.toLowerCase() : void 0;
	}
	constructor() {
		super(), this._$Ep = void 0, this.isUpdatePending = !1, this.hasUpdated = !1, this._$Em = null, this._$Ev();
	}
	_$Ev() {
		this._$ES = new Promise((e) => this.enableUpdating = e), this._$AL = /* @__PURE__ */ new Map(), this._$E_(), this.requestUpdate(), this.constructor.l?.forEach((e) => e(this));
	}
	addController(e) {
		(this._$EO ??= /* @__PURE__ */ new Set()).add(e), this.renderRoot !== void 0 && this.isConnected && e.hostConnected?.();
	}
	removeController(e) {
		this._$EO?.delete(e);
	}
	_$E_() {
		let e = /* @__PURE__ */ new Map(), t = this.constructor.elementProperties;
		for (let n of t.keys()) this.hasOwnProperty(n) && (e.set(n, this[n]), delete this[n]);
		e.size > 0 && (this._$Ep = e);
	}
	createRenderRoot() {
		let e = this.shadowRoot ?? this.attachShadow(this.constructor.shadowRootOptions);
		return s(e, this.constructor.elementStyles), e;
	}
	connectedCallback() {
		this.renderRoot ??= this.createRenderRoot(), this.enableUpdating(!0), this._$EO?.forEach((e) => e.hostConnected?.());
	}
	enableUpdating(e) {}
	disconnectedCallback() {
		this._$EO?.forEach((e) => e.hostDisconnected?.());
	}
	attributeChangedCallback(e, t, n) {
		this._$AK(e, n);
	}
	_$ET(e, t) {
		let n = this.constructor.elementProperties.get(e), r = this.constructor._$Eu(e, n);
		if (r !== void 0 && !0 === n.reflect) {
			let i = (n.converter?.toAttribute === void 0 ? re : n.converter).toAttribute(t, n.type);
			this._$Em = e, i == null ? this.removeAttribute(r) : this.setAttribute(r, i), this._$Em = null;
		}
	}
	_$AK(e, t) {
		let n = this.constructor, r = n._$Eh.get(e);
		if (r !== void 0 && this._$Em !== r) {
			let e = n.getPropertyOptions(r), i = typeof e.converter == "function" ? { fromAttribute: e.converter } : e.converter?.fromAttribute === void 0 ? re : e.converter;
			this._$Em = r;
			let a = i.fromAttribute(t, e.type);
			this[r] = a ?? this._$Ej?.get(r) ?? a, this._$Em = null;
		}
	}
	requestUpdate(e, t, n, r = !1, i) {
		if (e !== void 0) {
			let a = this.constructor;
			if (!1 === r && (i = this[e]), n ??= a.getPropertyOptions(e), !((n.hasChanged ?? ie)(i, t) || n.useDefault && n.reflect && i === this._$Ej?.get(e) && !this.hasAttribute(a._$Eu(e, n)))) return;
			this.C(e, t, n);
		}
		!1 === this.isUpdatePending && (this._$ES = this._$EP());
	}
	C(e, t, { useDefault: n, reflect: r, wrapped: i }, a) {
		n && !(this._$Ej ??= /* @__PURE__ */ new Map()).has(e) && (this._$Ej.set(e, a ?? t ?? this[e]), !0 !== i || a !== void 0) || (this._$AL.has(e) || (this.hasUpdated || n || (t = void 0), this._$AL.set(e, t)), !0 === r && this._$Em !== e && (this._$Eq ??= /* @__PURE__ */ new Set()).add(e));
	}
	async _$EP() {
		this.isUpdatePending = !0;
		try {
			await this._$ES;
		} catch (e) {
			Promise.reject(e);
		}
		let e = this.scheduleUpdate();
		return e != null && await e, !this.isUpdatePending;
	}
	scheduleUpdate() {
		return this.performUpdate();
	}
	performUpdate() {
		if (!this.isUpdatePending) return;
		if (!this.hasUpdated) {
			if (this.renderRoot ??= this.createRenderRoot(), this._$Ep) {
				for (let [e, t] of this._$Ep) this[e] = t;
				this._$Ep = void 0;
			}
			let e = this.constructor.elementProperties;
			if (e.size > 0) for (let [t, n] of e) {
				let { wrapped: e } = n, r = this[t];
				!0 !== e || this._$AL.has(t) || r === void 0 || this.C(t, void 0, n, r);
			}
		}
		let e = !1, t = this._$AL;
		try {
			e = this.shouldUpdate(t), e ? (this.willUpdate(t), this._$EO?.forEach((e) => e.hostUpdate?.()), this.update(t)) : this._$EM();
		} catch (t) {
			throw e = !1, this._$EM(), t;
		}
		e && this._$AE(t);
	}
	willUpdate(e) {}
	_$AE(e) {
		this._$EO?.forEach((e) => e.hostUpdated?.()), this.hasUpdated || (this.hasUpdated = !0, this.firstUpdated(e)), this.updated(e);
	}
	_$EM() {
		this._$AL = /* @__PURE__ */ new Map(), this.isUpdatePending = !1;
	}
	get updateComplete() {
		return this.getUpdateComplete();
	}
	getUpdateComplete() {
		return this._$ES;
	}
	shouldUpdate(e) {
		return !0;
	}
	update(e) {
		this._$Eq &&= this._$Eq.forEach((e) => this._$ET(e, this[e])), this._$EM();
	}
	updated(e) {}
	firstUpdated(e) {}
};
_.elementStyles = [], _.shadowRootOptions = { mode: "open" }, _[g("elementProperties")] = /* @__PURE__ */ new Map(), _[g("finalized")] = /* @__PURE__ */ new Map(), ne?.({ ReactiveElement: _ }), (h.reactiveElementVersions ??= []).push("2.1.2");
// node_modules/lit-html/lit-html.js
var oe = globalThis, se = (e) => e, ce = oe.trustedTypes, le = ce ? ce.createPolicy("lit-html", { createHTML: (e) => e }) : void 0, ue = "$lit$", v = `lit$${Math.random().toFixed(9).slice(2)}$`, de = "?" + v, fe = `<${de}>`, y = document, b = () => y.createComment(""), pe = (e) => e === null || typeof e != "object" && typeof e != "function", me = Array.isArray, he = (e) => me(e) || typeof e?.[Symbol.iterator] == "function", ge = "[ 	\n\f\r]", x = /<(?:(!--|\/[^a-zA-Z])|(\/?[a-zA-Z][^>\s]*)|(\/?$))/g, _e = /-->/g, ve = />/g, S = RegExp(`>|${ge}(?:([^\\s"'>=/]+)(${ge}*=${ge}*(?:[^ \t\n\f\r"'\`<>=]|("|')|))|$)`, "g"), ye = /'/g, be = /"/g, xe = /^(?:script|style|textarea|title)$/i, Se = (e) => (t, ...n) => ({
	_$litType$: e,
	strings: t,
	values: n
}), C = Se(1), Ce = Se(2), w = Symbol.for("lit-noChange"), T = Symbol.for("lit-nothing"), we = /* @__PURE__ */ new WeakMap(), E = y.createTreeWalker(y, 129);
function Te(e, t) {
	if (!me(e) || !e.hasOwnProperty("raw")) throw Error("invalid template strings array");
	return le === void 0 ? t : le.createHTML(t);
}
var Ee = (e, t) => {
	let n = e.length - 1, r = [], i, a = t === 2 ? "<svg>" : t === 3 ? "<math>" : "", o = x;
	for (let t = 0; t < n; t++) {
		let n = e[t], s, c, l = -1, u = 0;
		for (; u < n.length && (o.lastIndex = u, c = o.exec(n), c !== null);) u = o.lastIndex, o === x ? c[1] === "!--" ? o = _e : c[1] === void 0 ? c[2] === void 0 ? c[3] !== void 0 && (o = S) : (xe.test(c[2]) && (i = RegExp("</" + c[2], "g")), o = S) : o = ve : o === S ? c[0] === ">" ? (o = i ?? x, l = -1) : c[1] === void 0 ? l = -2 : (l = o.lastIndex - c[2].length, s = c[1], o = c[3] === void 0 ? S : c[3] === "\"" ? be : ye) : o === be || o === ye ? o = S : o === _e || o === ve ? o = x : (o = S, i = void 0);
		let d = o === S && e[t + 1].startsWith("/>") ? " " : "";
		a += o === x ? n + fe : l >= 0 ? (r.push(s), n.slice(0, l) + ue + n.slice(l) + v + d) : n + v + (l === -2 ? t : d);
	}
	return [Te(e, a + (e[n] || "<?>") + (t === 2 ? "</svg>" : t === 3 ? "</math>" : "")), r];
}, De = class e {
	constructor({ strings: t, _$litType$: n }, r) {
		let i;
		this.parts = [];
		let a = 0, o = 0, s = t.length - 1, c = this.parts, [l, u] = Ee(t, n);
		if (this.el = e.createElement(l, r), E.currentNode = this.el.content, n === 2 || n === 3) {
			let e = this.el.content.firstChild;
			e.replaceWith(...e.childNodes);
		}
		for (; (i = E.nextNode()) !== null && c.length < s;) {
			if (i.nodeType === 1) {
				if (i.hasAttributes()) for (let e of i.getAttributeNames()) if (e.endsWith(ue)) {
					let t = u[o++], n = i.getAttribute(e).split(v), r = /([.?@])?(.*)/.exec(t);
					c.push({
						type: 1,
						index: a,
						name: r[2],
						strings: n,
						ctor: r[1] === "." ? je : r[1] === "?" ? Me : r[1] === "@" ? Ne : Ae
					}), i.removeAttribute(e);
				} else e.startsWith(v) && (c.push({
					type: 6,
					index: a
				}), i.removeAttribute(e));
				if (xe.test(i.tagName)) {
					let e = i.textContent.split(v), t = e.length - 1;
					if (t > 0) {
						i.textContent = ce ? ce.emptyScript : "";
						for (let n = 0; n < t; n++) i.append(e[n], b()), E.nextNode(), c.push({
							type: 2,
							index: ++a
						});
						i.append(e[t], b());
					}
				}
			} else if (i.nodeType === 8) {
				if (i.data === de) c.push({
					type: 2,
					index: a
				});
				else {
					let e = -1;
					for (; (e = i.data.indexOf(v, e + 1)) !== -1;) c.push({
						type: 7,
						index: a
					}), e += v.length - 1;
				}
			}
			a++;
		}
	}
	static createElement(e, t) {
		let n = y.createElement("template");
		return n.innerHTML = e, n;
	}
};
function D(e, t, n = e, r) {
	if (t === w) return t;
	let i = r === void 0 ? n._$Cl : n._$Co?.[r], a = pe(t) ? void 0 : t._$litDirective$;
	return i?.constructor !== a && (i?._$AO?.(!1), a === void 0 ? i = void 0 : (i = new a(e), i._$AT(e, n, r)), r === void 0 ? n._$Cl = i : (n._$Co ??= [])[r] = i), i !== void 0 && (t = D(e, i._$AS(e, t.values), i, r)), t;
}
var Oe = class {
	constructor(e, t) {
		this._$AV = [], this._$AN = void 0, this._$AD = e, this._$AM = t;
	}
	get parentNode() {
		return this._$AM.parentNode;
	}
	get _$AU() {
		return this._$AM._$AU;
	}
	u(e) {
		let { el: { content: t }, parts: n } = this._$AD, r = (e?.creationScope ?? y).importNode(t, !0);
		E.currentNode = r;
		let i = E.nextNode(), a = 0, o = 0, s = n[0];
		for (; s !== void 0;) {
			if (a === s.index) {
				let t;
				s.type === 2 ? t = new ke(i, i.nextSibling, this, e) : s.type === 1 ? t = new s.ctor(i, s.name, s.strings, this, e) : s.type === 6 && (t = new Pe(i, this, e)), this._$AV.push(t), s = n[++o];
			}
			a !== s?.index && (i = E.nextNode(), a++);
		}
		return E.currentNode = y, r;
	}
	p(e) {
		let t = 0;
		for (let n of this._$AV) n !== void 0 && (n.strings === void 0 ? n._$AI(e[t]) : (n._$AI(e, n, t), t += n.strings.length - 2)), t++;
	}
}, ke = class e {
	get _$AU() {
		return this._$AM?._$AU ?? this._$Cv;
	}
	constructor(e, t, n, r) {
		this.type = 2, this._$AH = T, this._$AN = void 0, this._$AA = e, this._$AB = t, this._$AM = n, this.options = r, this._$Cv = r?.isConnected ?? !0;
	}
	get parentNode() {
		let e = this._$AA.parentNode, t = this._$AM;
		return t !== void 0 && e?.nodeType === 11 && (e = t.parentNode), e;
	}
	get startNode() {
		return this._$AA;
	}
	get endNode() {
		return this._$AB;
	}
	_$AI(e, t = this) {
		e = D(this, e, t), pe(e) ? e === T || e == null || e === "" ? (this._$AH !== T && this._$AR(), this._$AH = T) : e !== this._$AH && e !== w && this._(e) : e._$litType$ === void 0 ? e.nodeType === void 0 ? he(e) ? this.k(e) : this._(e) : this.T(e) : this.$(e);
	}
	O(e) {
		return this._$AA.parentNode.insertBefore(e, this._$AB);
	}
	T(e) {
		this._$AH !== e && (this._$AR(), this._$AH = this.O(e));
	}
	_(e) {
		this._$AH !== T && pe(this._$AH) ? this._$AA.nextSibling.data = e : this.T(y.createTextNode(e)), this._$AH = e;
	}
	$(e) {
		let { values: t, _$litType$: n } = e, r = typeof n == "number" ? this._$AC(e) : (n.el === void 0 && (n.el = De.createElement(Te(n.h, n.h[0]), this.options)), n);
		if (this._$AH?._$AD === r) this._$AH.p(t);
		else {
			let e = new Oe(r, this), n = e.u(this.options);
			e.p(t), this.T(n), this._$AH = e;
		}
	}
	_$AC(e) {
		let t = we.get(e.strings);
		return t === void 0 && we.set(e.strings, t = new De(e)), t;
	}
	k(t) {
		me(this._$AH) || (this._$AH = [], this._$AR());
		let n = this._$AH, r, i = 0;
		for (let a of t) i === n.length ? n.push(r = new e(this.O(b()), this.O(b()), this, this.options)) : r = n[i], r._$AI(a), i++;
		i < n.length && (this._$AR(r && r._$AB.nextSibling, i), n.length = i);
	}
	_$AR(e = this._$AA.nextSibling, t) {
		for (this._$AP?.(!1, !0, t); e !== this._$AB;) {
			let t = se(e).nextSibling;
			se(e).remove(), e = t;
		}
	}
	setConnected(e) {
		this._$AM === void 0 && (this._$Cv = e, this._$AP?.(e));
	}
}, Ae = class {
	get tagName() {
		return this.element.tagName;
	}
	get _$AU() {
		return this._$AM._$AU;
	}
	constructor(e, t, n, r, i) {
		this.type = 1, this._$AH = T, this._$AN = void 0, this.element = e, this.name = t, this._$AM = r, this.options = i, n.length > 2 || n[0] !== "" || n[1] !== "" ? (this._$AH = Array(n.length - 1).fill(/* @__PURE__ */ new String()), this.strings = n) : this._$AH = T;
	}
	_$AI(e, t = this, n, r) {
		let i = this.strings, a = !1;
		if (i === void 0) e = D(this, e, t, 0), a = !pe(e) || e !== this._$AH && e !== w, a && (this._$AH = e);
		else {
			let r = e, o, s;
			for (e = i[0], o = 0; o < i.length - 1; o++) s = D(this, r[n + o], t, o), s === w && (s = this._$AH[o]), a ||= !pe(s) || s !== this._$AH[o], s === T ? e = T : e !== T && (e += (s ?? "") + i[o + 1]), this._$AH[o] = s;
		}
		a && !r && this.j(e);
	}
	j(e) {
		e === T ? this.element.removeAttribute(this.name) : this.element.setAttribute(this.name, e ?? "");
	}
}, je = class extends Ae {
	constructor() {
		super(...arguments), this.type = 3;
	}
	j(e) {
		this.element[this.name] = e === T ? void 0 : e;
	}
}, Me = class extends Ae {
	constructor() {
		super(...arguments), this.type = 4;
	}
	j(e) {
		this.element.toggleAttribute(this.name, !!e && e !== T);
	}
}, Ne = class extends Ae {
	constructor(e, t, n, r, i) {
		super(e, t, n, r, i), this.type = 5;
	}
	_$AI(e, t = this) {
		if ((e = D(this, e, t, 0) ?? T) === w) return;
		let n = this._$AH, r = e === T && n !== T || e.capture !== n.capture || e.once !== n.once || e.passive !== n.passive, i = e !== T && (n === T || r);
		r && this.element.removeEventListener(this.name, this, n), i && this.element.addEventListener(this.name, this, e), this._$AH = e;
	}
	handleEvent(e) {
		typeof this._$AH == "function" ? this._$AH.call(this.options?.host ?? this.element, e) : this._$AH.handleEvent(e);
	}
}, Pe = class {
	constructor(e, t, n) {
		this.element = e, this.type = 6, this._$AN = void 0, this._$AM = t, this.options = n;
	}
	get _$AU() {
		return this._$AM._$AU;
	}
	_$AI(e) {
		D(this, e);
	}
}, Fe = {
	M: ue,
	P: v,
	A: de,
	C: 1,
	L: Ee,
	R: Oe,
	D: he,
	V: D,
	I: ke,
	H: Ae,
	N: Me,
	U: Ne,
	B: je,
	F: Pe
}, Ie = oe.litHtmlPolyfillSupport;
Ie?.(De, ke), (oe.litHtmlVersions ??= []).push("3.3.3");
var Le = (e, t, n) => {
	let r = n?.renderBefore ?? t, i = r._$litPart$;
	if (i === void 0) {
		let e = n?.renderBefore ?? null;
		r._$litPart$ = i = new ke(t.insertBefore(b(), e), e, void 0, n ?? {});
	}
	return i._$AI(e), i;
}, Re = globalThis, O = class extends _ {
	constructor() {
		super(...arguments), this.renderOptions = { host: this }, this._$Do = void 0;
	}
	createRenderRoot() {
		let e = super.createRenderRoot();
		return this.renderOptions.renderBefore ??= e.firstChild, e;
	}
	update(e) {
		let t = this.render();
		this.hasUpdated || (this.renderOptions.isConnected = this.isConnected), super.update(e), this._$Do = Le(t, this.renderRoot, this.renderOptions);
	}
	connectedCallback() {
		super.connectedCallback(), this._$Do?.setConnected(!0);
	}
	disconnectedCallback() {
		super.disconnectedCallback(), this._$Do?.setConnected(!1);
	}
	render() {
		return w;
	}
};
O._$litElement$ = !0, O.finalized = !0, Re.litElementHydrateSupport?.({ LitElement: O });
var ze = Re.litElementPolyfillSupport;
ze?.({ LitElement: O }), (Re.litElementVersions ??= []).push("4.2.2");
// node_modules/@lit/reactive-element/decorators/custom-element.js
var k = (e) => (t, n) => {
	n === void 0 ? customElements.define(e, t) : n.addInitializer(() => {
		customElements.define(e, t);
	});
}, Be = {
	attribute: !0,
	type: String,
	converter: re,
	reflect: !1,
	hasChanged: ie
}, Ve = (e = Be, t, n) => {
	let { kind: r, metadata: i } = n, a = globalThis.litPropertyMetadata.get(i);
	if (a === void 0 && globalThis.litPropertyMetadata.set(i, a = /* @__PURE__ */ new Map()), r === "setter" && ((e = Object.create(e)).wrapped = !0), a.set(n.name, e), r === "accessor") {
		let { name: r } = n;
		return {
			set(n) {
				let i = t.get.call(this);
				t.set.call(this, n), this.requestUpdate(r, i, e, !0, n);
			},
			init(t) {
				return t !== void 0 && this.C(r, void 0, e, t), t;
			}
		};
	}
	if (r === "setter") {
		let { name: r } = n;
		return function(n) {
			let i = this[r];
			t.call(this, n), this.requestUpdate(r, i, e, !0, n);
		};
	}
	throw Error("Unsupported decorator location: " + r);
};
function A(e) {
	return (t, n) => typeof n == "object" ? Ve(e, t, n) : ((e, t, n) => {
		let r = t.hasOwnProperty(n);
		return t.constructor.createProperty(n, e), r ? Object.getOwnPropertyDescriptor(t, n) : void 0;
	})(e, t, n);
}
// node_modules/@lit/reactive-element/decorators/state.js
function j(e) {
	return A({
		...e,
		state: !0,
		attribute: !1
	});
}
// src/format.ts
var He = {
	comma_decimal: "en-US",
	decimal_comma: "de",
	space_comma: "fr",
	quote_decimal: "de-CH"
};
function Ue(e) {
	let t = /* @__PURE__ */ new Map();
	return (n, r) => {
		let i = `${n} ${JSON.stringify(r)}`, a = t.get(i) ?? e(n, r);
		return t.set(i, a), a;
	};
}
var We = Ue((e, t) => new Intl.NumberFormat(e, t)), M = Ue((e, t) => new Intl.DateTimeFormat(e, t)), Ge = Ue((e, t) => new Intl.RelativeTimeFormat(e, t));
function Ke(e) {
	let t = e.locale.number_format ?? "language";
	if (t !== "system") return He[t] ?? e.locale.language;
}
function N(e, t, n = {}) {
	let r = {
		maximumFractionDigits: 1,
		useGrouping: e.locale.number_format !== "none",
		...n
	}, i = Ke(e);
	if (!n.style || i === e.locale.language) return We(i, r).format(t);
	let a = Je(We(i, r).formatToParts(t)), o = We(e.locale.language, r).formatToParts(t), s = o.findIndex((e) => qe.has(e.type));
	return o.map((e, t) => t === s ? a : qe.has(e.type) ? "" : e.value).join("");
}
var qe = /* @__PURE__ */ new Set([
	"integer",
	"group",
	"decimal",
	"fraction"
]);
function Je(e) {
	return e.flatMap((e) => qe.has(e.type) ? [e.value] : []).join("");
}
var Ye = [
	"byte",
	"kilobyte",
	"megabyte",
	"gigabyte",
	"terabyte",
	"petabyte"
];
function P(e, t, n = "") {
	let r = Math.max(0, t), i = r < 1e3 ? 0 : Math.min(Ye.length - 1, Math.floor(Math.log10(r) / 3)), a = r / 1e3 ** i, o = i === 0 || a >= 100 ? 0 : 1;
	return N(e, a, {
		style: "unit",
		unit: `${Ye[i]}${n}`,
		unitDisplay: "short",
		maximumFractionDigits: o
	});
}
var Xe = (e, t) => P(e, t, "-per-second");
function Ze(e, t) {
	return N(e, t / 1e6, {
		style: "unit",
		unit: "megabit-per-second"
	});
}
function F(e, t) {
	return N(e, (t < 100 ? Math.min(99, Math.floor(t)) : 100) / 100, {
		style: "percent",
		maximumFractionDigits: 0
	});
}
function Qe(e, t) {
	let n = Math.max(0, Math.round(t)), r = [
		[Math.floor(n / 86400), "day"],
		[Math.floor(n / 3600) % 24, "hour"],
		[Math.floor(n / 60) % 60, "minute"],
		[n % 60, "second"]
	], i = r.findIndex(([e]) => e > 0);
	return (i < 0 ? r.slice(3) : r.slice(i, i + 2).filter(([e]) => e > 0)).map(([t, n]) => N(e, t, {
		style: "unit",
		unit: n,
		unitDisplay: "short"
	})).join(" ");
}
function $e(e) {
	let t = Math.max(0, Math.floor(e)), [n, r] = [Math.floor(t / 3600), Math.floor(t / 60) % 60], i = (e) => String(e).padStart(2, "0");
	return n ? `${n}:${i(r)}:${i(t % 60)}` : `${r}:${i(t % 60)}`;
}
function et(e) {
	return e.locale.time_zone === "server" ? e.config.time_zone : void 0;
}
function tt(e, t) {
	return M(e.locale.language, {
		timeZone: et(e),
		...t
	});
}
function nt(e, t) {
	return M("en-CA", { timeZone: et(e) }).format(t);
}
function rt(e, t, n = /* @__PURE__ */ new Date()) {
	let r = Math.round((Date.parse(nt(e, t)) - Date.parse(nt(e, n))) / 864e5);
	if (Math.abs(r) <= 1) {
		let t = Ge(e.locale.language, { numeric: "auto" }).format(r, "day");
		return t.charAt(0).toLocaleUpperCase(e.locale.language) + t.slice(1);
	}
	return tt(e, {
		weekday: "short",
		day: "numeric",
		month: "short",
		year: t.getFullYear() === n.getFullYear() ? void 0 : "numeric"
	}).format(t);
}
function I(e, t) {
	let n = e.locale.time_format === "12" || e.locale.time_format !== "24" && void 0;
	return tt(e, {
		year: t.getFullYear() === (/* @__PURE__ */ new Date()).getFullYear() ? void 0 : "numeric",
		day: "numeric",
		month: "short",
		hour: "numeric",
		minute: "2-digit",
		hour12: n
	}).format(t);
}
function L(e, t, n = /* @__PURE__ */ new Date()) {
	let r = (t.getTime() - n.getTime()) / 1e3, [i, a] = [
		[31536e3, "year"],
		[2592e3, "month"],
		[86400, "day"],
		[3600, "hour"],
		[60, "minute"]
	].find(([e]) => Math.abs(r) >= e) ?? [60, "second"];
	return Ge(e.locale.language, {
		numeric: "auto",
		style: "short"
	}).format(Math.trunc(r / i) || 0, a);
}
var it = /\b(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2})\b/g;
function at(e, t) {
	let n = {
		...e,
		locale: {
			...e.locale,
			time_zone: "server"
		},
		config: {
			...e.config,
			time_zone: "UTC"
		}
	};
	return t.replace(it, (e, t, r) => {
		let i = /* @__PURE__ */ new Date(`${t}T${r}Z`);
		return Number.isNaN(i.getTime()) ? e : I(n, i);
	});
}
function ot(e, t) {
	let n = e.locale.time_format === "12" || e.locale.time_format !== "24" && void 0, r = new Date(Date.UTC(2024, 0, 1, t)), i = M(e.locale.language, {
		timeZone: "UTC",
		hour: "numeric",
		hour12: n
	});
	return i.resolvedOptions().hour12 ? i.format(r) : M(e.locale.language, {
		timeZone: "UTC",
		hour: "2-digit",
		minute: "2-digit",
		hour12: !1
	}).format(r);
}
function st(e, t, n) {
	return M(e.locale.language, {
		timeZone: "UTC",
		weekday: n
	}).format(new Date(Date.UTC(2024, 0, 1 + t)));
}
var ct = {
	monday: 0,
	tuesday: 1,
	wednesday: 2,
	thursday: 3,
	friday: 4,
	saturday: 5,
	sunday: 6
};
function lt(e) {
	let t = new Intl.Locale(e.locale.language), n = ((t.getWeekInfo?.() ?? t.weekInfo)?.firstDay ?? 1) - 1, r = ct[e.locale.first_weekday ?? ""] ?? n;
	return Array.from({ length: 7 }, (e, t) => (r + t) % 7);
}
// src/store/feed.ts
var ut = 3e3, dt = 1e3, ft = 6e4, pt = class {
	constructor(e, t, n = () => void 0) {
		this.connection = e, this.source = t, this.ended = n, this.told = { current: !1 }, this.listeners = /* @__PURE__ */ new Set(), this.running = !1, this.turn = 0, this.connections = 0, this.retry = dt, this.back = () => {
			this.retry = dt, this.ask();
		}, this.lost = () => {
			this.connections += 1, this.turn += 1, this.stop = void 0, clearTimeout(this.timer), this.put({
				...this.told,
				current: !1
			});
		};
	}
	get state() {
		return this.told;
	}
	subscribe(e) {
		return this.listeners.add(e), clearTimeout(this.ending), this.running || this.begin(), () => {
			this.listeners.delete(e), clearTimeout(this.ending), this.listeners.size === 0 && (this.ending = setTimeout(() => this.end(), ut));
		};
	}
	refresh() {
		this.running && this.connection.connected && this.ask();
	}
	begin() {
		this.running = !0, this.connection.addEventListener("ready", this.back), this.connection.addEventListener("disconnected", this.lost), this.connection.connected ? this.ask() : this.put({
			...this.told,
			current: !1
		});
	}
	end() {
		this.running = !1, this.turn += 1, clearTimeout(this.timer), this.connection.removeEventListener("ready", this.back), this.connection.removeEventListener("disconnected", this.lost), this.stop?.(), this.stop = void 0, this.told = {
			...this.told,
			current: !1
		}, this.ended();
	}
	ask() {
		clearTimeout(this.timer), this.stop?.(), this.stop = void 0;
		let e = ++this.turn, t = this.connections;
		this.source((t) => {
			e === this.turn && (this.retry = dt, this.put({
				data: t(this.told.data),
				current: !0
			}));
		}).then((n) => {
			e === this.turn ? this.stop = n : t === this.connections && n();
		}, (t) => {
			e === this.turn && (this.put({
				...this.told,
				current: !1,
				failure: mt(t)
			}), this.timer = setTimeout(() => this.ask(), this.retry), this.retry = Math.min(this.retry * 2, ft));
		});
	}
	put(e) {
		this.told = e;
		for (let e of [...this.listeners]) e();
	}
};
function mt(e) {
	let t = e;
	return {
		code: String(t?.code ?? "unknown"),
		message: String(t?.message ?? e ?? "")
	};
}
var ht = /* @__PURE__ */ new WeakMap();
function gt(e, t, n) {
	let r = ht.get(e) ?? /* @__PURE__ */ new Map();
	ht.set(e, r);
	let i = r.get(t) ?? n();
	return r.set(t, i), i;
}
function _t(e, t, n, r = () => ({}), i = !1) {
	let a = async (i) => {
		let a = await e.subscribeMessage((e) => i((t) => n(t, e)), {
			...t,
			...r()
		}, { resubscribe: !1 });
		return () => void Promise.resolve(a()).catch(() => void 0);
	}, o = JSON.stringify(t), s = i ? () => ht.get(e)?.delete(o) : void 0;
	return gt(e, o, () => new pt(e, a, s));
}
function R(e, t, n, r = (e) => e) {
	let i = async (i) => {
		let o = async () => {
			let n = r(await e.sendMessagePromise(t));
			i(() => n);
		};
		await o();
		let s = setInterval(() => {
			document.visibilityState === "visible" && o().catch(() => a.refresh());
		}, n * 1e3);
		return () => clearInterval(s);
	}, a = gt(e, `${n} ${JSON.stringify(t)}`, () => new pt(e, i));
	return a;
}
// src/store/model.ts
function vt(e, t) {
	let { available: n, ids: r = [], changed: i = [], total: a = 0, stuck: o = 0, known: s = 0 } = t;
	if (!n) return {
		rows: [],
		total: a,
		stuck: o,
		known: s,
		...e,
		available: n
	};
	let c = new Map([...e?.rows ?? [], ...i].map((e) => [e.request_id, e]));
	return {
		available: n,
		total: a,
		stuck: o,
		known: s,
		rows: r.flatMap((e) => c.get(e) ?? [])
	};
}
function yt(e, t) {
	return {
		...t,
		since: performance.now()
	};
}
function bt(e, t, n) {
	if (e.position === null) return null;
	let r = e.paused || !t.available ? 0 : (n - t.since) / 1e3;
	return Math.max(0, Math.min(e.position + r, e.runtime ?? Infinity));
}
function xt(e, t) {
	let n = e?.plan;
	if (t.plan && (n = "steps" in t.plan ? t.plan : n && {
		...n,
		...t.plan
	}), n && t.changed?.length) {
		let e = new Map(t.changed.map((e) => [e.id, e]));
		n = {
			...n,
			steps: n.steps.map((t) => e.get(t.id) ?? t)
		};
	}
	return {
		available: t.available,
		running: t.running ?? !1,
		plan: n
	};
}
var z = (e, t, n = {}) => ({
	type: `showrunner/${e}`,
	...t ? { config_entry_id: t } : {},
	...n
}), St = (e, t, n, r, i) => _t(e, z("requests/page", t, {
	show: n,
	search: r,
	offset: i * 40,
	limit: 40
}), vt, () => ({}), !0), Ct = (e, t) => _t(e, z("sessions/subscribe", t), yt), wt = (e, t) => _t(e, z("transfer/subscribe", t), (e, t) => t), Tt = (e, t, n) => _t(e, z("plans/subscribe", t, { plan_id: n }), xt), Et = (e, t) => R(e, z("leaving/list", t, { limit: 200 }), 60), Dt = (e, t) => R(e, z("plans/list", t, { limit: 40 }), 20), Ot = (e, t) => R(e, z("plans/list", t, {
	limit: 10,
	job: "sync"
}), 20), kt = (e, t) => R(e, z("seedbox/outlook", t, { limit: 20 }), 60), At = (e, t) => R(e, z("decisions/list", t, { limit: 10 }), 30), jt = (e, t) => R(e, {
	type: "call_service",
	domain: "showrunner",
	service: "get_history",
	return_response: !0,
	service_data: {
		...t ? { config_entry_id: t } : {},
		limit: 10
	}
}, 30, (e) => e.response), Mt = (e, t, n, r) => R(e, z("history/week", t, {
	days: n,
	...r ? { viewer: r } : {}
}), 600), Nt = (e, t, n, r) => R(e, z("history/top", t, {
	days: n,
	limit: r
}), 600), Pt = (e, t, n) => R(e, z("title/get", t, {
	title: n,
	limit: 200
}), 60);
function B(e) {
	let t = e.ids?.[0];
	if (t) return `${e.media === "movie" ? "movie" : "series"}:${t}`;
}
var Ft = 36e5;
function It(e, t, n = Date.now()) {
	let r = { ...e };
	for (let [e, i] of Object.entries(t.states)) {
		let t = i.map((e) => ({
			at: (e.lu ?? e.lc ?? n / 1e3) * 1e3,
			value: Number.parseFloat(e.s)
		})).filter((e) => Number.isFinite(e.value)), a = r[e]?.at(-1)?.at ?? 0;
		r[e] = [...r[e] ?? [], ...t.filter((e) => e.at > a)].filter((e) => e.at > n - Ft);
	}
	return r;
}
var Lt = (e, t) => _t(e, {
	type: "history/stream",
	entity_ids: t,
	minimal_response: !0,
	no_attributes: !0
}, (e, t) => It(e, t), () => ({ start_time: (/* @__PURE__ */ new Date(Date.now() - Ft)).toISOString() })), Rt = {
	loading: "Wird geladen…",
	reconnecting: "Keine Verbindung zu Home Assistant: So war es zuletzt.",
	unavailable: "Der Server antwortet nicht: Der Stand ist unbekannt.",
	failed: "Das konnte nicht gelesen werden: {error}",
	not_done: "Das wurde nicht ausgeführt: {error}",
	not_allowed: "Das sehen nur Administratoren.",
	not_linked: "Showrunner hat (noch) keinen solchen Server oder mehrere: Wähle einen im Editor der Karte.",
	unknown: "unbekannt",
	close: "Schließen",
	back: "Zurück",
	more: "{count} weitere",
	count: "{number} Titel",
	count_one: "{number} Titel",
	count_stuck: "{count} hängen fest",
	count_stuck_one: "{count} hängt fest",
	left: "noch {time}",
	season: "Staffel {number}",
	progress: "Fortschritt",
	dry_run: "Probelauf",
	paused: "angehalten",
	running: "läuft",
	requests: "Anfragen",
	search: "Suchen",
	show: "Anzeigen",
	no_requests: "Niemand wartet auf etwas.",
	nothing_matches: "Nichts passt dazu.",
	episodes: "{done} von {all} Folgen",
	step_of: "{step}, Schritt {at} von {all}",
	approve: "Genehmigen",
	approve_title: "{title} genehmigen",
	decline: "Ablehnen",
	decline_title: "{title} ablehnen",
	repair: "Was tun?",
	repair_title: "Was bei {title} zu tun ist: zu den Reparaturen",
	mend_retry: "Erneut weiterreichen",
	mend_search: "Erneut suchen",
	mend_look_again: "Erneut nachsehen",
	mended_retry: "Seerr reicht es noch einmal weiter.",
	mended_search: "Es wird noch einmal danach gesucht.",
	mended_look_again: "Nach den Downloads wird noch einmal gesehen.",
	state_requested: "Wartet auf Genehmigung",
	show_requested: "Wartet auf Genehmigung",
	state_approved: "Genehmigt",
	show_approved: "Genehmigt",
	state_grabbing: "Wird gesucht",
	show_grabbing: "Wird gesucht",
	state_downloading: "Wird heruntergeladen",
	show_downloading: "Wird heruntergeladen",
	state_downloaded: "Heruntergeladen",
	show_downloaded: "Heruntergeladen",
	state_importing: "Wird importiert",
	show_importing: "Wird importiert",
	state_anime_matching: "Shoko erkennt den Anime",
	show_anime_matching: "Shoko erkennt den Anime",
	state_available: "Verfügbar",
	show_available: "Verfügbar",
	state_failed: "Fehlgeschlagen",
	show_failed: "Fehlgeschlagen",
	show_all: "Alle",
	show_stuck: "Festhängende",
	stage_unaired: "Noch nicht ausgestrahlt",
	stage_not_visible: "Jellyfin zeigt es noch nicht",
	stage_not_matched: "Shoko kennt es noch nicht",
	stage_no_seeds: "Im Moment keine Seeder",
	stage_stalled: "Bewegt sich im Moment nicht",
	stage_paused: "Angehalten",
	stage_client_unavailable: "Der Torrent-Client antwortet nicht",
	stage_waiting_to_import: "Wartet auf den Import",
	stuck_waiting_for_approval: "Sie wartet auf Genehmigung",
	stuck_refused: "Radarr oder Sonarr hat sie abgelehnt",
	stuck_nothing_found: "Es wurde nichts gefunden",
	stuck_no_torrent: "Der Download ist in keinem Torrent-Client",
	stuck_stalled: "Der Download bewegt sich nicht",
	stuck_no_seeds: "Der Download hat keine Seeder",
	stuck_disk_full: "Die Festplatte ist voll",
	stuck_download_error: "Der Download hat einen Fehler",
	stuck_import_blocked: "Der Import ist nicht möglich",
	stuck_vanished: "Der Download ist verschwunden",
	stuck_not_matched: "Shoko kennt es nicht",
	stuck_not_visible: "Jellyfin zeigt es nicht",
	stuck_download_failed: "Der Download ist fehlgeschlagen",
	stuck_client_unavailable: "Der Torrent-Client antwortet nicht",
	stuck_not_imported: "Der Download ist fertig, aber nicht importiert",
	stuck_not_searched: "Niemand hat danach gesucht",
	stuck_not_moving: "Seit Stunden hat sich nichts geändert",
	leaving: "Was geht",
	nobody_looked: "Noch hat niemand nachgesehen, was gehen könnte.",
	nothing_leaves: "Nichts geht.",
	size_unknown: "Größe unbekannt",
	keep: "Behalten",
	keep_title: "{title} behalten",
	postpone: "+{count} Tage",
	postpone_title: "+{count} Tage für {title}",
	plans: "Pläne",
	plan: "Plan",
	no_plans: "Noch keine Pläne.",
	earlier_plans: "{count} frühere Pläne",
	earlier_plans_one: "{count} früherer Plan",
	steps: "{number} Schritte",
	steps_one: "{number} Schritt",
	steps_of: "{done} von {all} Schritten",
	waits: "wartet auf Antwort",
	waits_for_you: "wartet auf dich",
	no_steps: "Nichts zu tun.",
	made: "Erstellt: {when}",
	left_out: "{count} ausgelassen, und warum",
	choose: "{title} auswählen",
	apply: "{count} Schritte ausführen…",
	apply_one: "{count} Schritt ausführen…",
	sure_apply: "{count} Schritte ({bytes}) wirklich ausführen?",
	sure_apply_one: "{count} Schritt ({bytes}) wirklich ausführen?",
	yes_apply: "Ausführen",
	undo: "Rückgängig…",
	sure_undo: "Rückgängig machen, was mit {title} geschah?",
	yes_undo: "Rückgängig machen",
	pause: "Anhalten",
	resume: "Fortsetzen",
	cancel: "Den Rest abbrechen",
	expired: "Zu alt zum Ausführen: Lass einen neuen Plan machen.",
	step_planned: "geplant",
	step_done: "erledigt",
	step_skipped: "übersprungen",
	step_failed: "fehlgeschlagen",
	step_cut: "wartet",
	step_begun: "begonnen",
	step_unknown: "unbekannt",
	job_download: "Downloads",
	job_delete_request: "Löschung einer Anfrage",
	job_purge: "Aufräumen der Seedbox",
	job_cleanup: "Aufräumen des Gesehenen",
	job_extras: "Aufräumen der Extras",
	job_sync: "Übertragung von der Seedbox",
	job_undo: "Rückgängig gemacht",
	job_torrents: "Torrents",
	job_refresh: "Aktualisierung von Jellyfin",
	job_remove_source: "Entfernen an der Quelle",
	job_make_room: "Platz schaffen",
	action_add_movie: "Film hinzufügen",
	action_update_movie: "Film ändern",
	action_search_movie: "Film suchen",
	action_delete_movie: "Film löschen",
	action_delete_series: "Serie löschen",
	action_unmonitor_movie: "Film nicht mehr beobachten",
	action_unmonitor_episodes: "Folgen nicht mehr beobachten",
	action_remove_torrent: "Torrent entfernen",
	action_delete_file: "Datei löschen",
	action_delete_episode_files: "Dateien von Folgen löschen",
	action_forget_media: "Seerr vergessen lassen",
	action_delete_request: "Anfrage löschen",
	action_restore_movie: "Film wiederherstellen",
	action_restore_series: "Serie wiederherstellen",
	action_monitor_episodes: "Folgen beobachten",
	action_search_episodes: "Folgen suchen",
	action_fetch_release: "Release holen",
	action_trash_file: "Datei in den Papierkorb legen",
	action_restore_file: "Datei aus dem Papierkorb holen",
	action_delete_trashed: "Endgültig aus dem Papierkorb löschen",
	action_remove_remote_files: "Dateien an der Quelle entfernen",
	now: "Läuft gerade",
	nobody: "Niemand sieht etwas.",
	others: "{count} andere sehen etwas.",
	others_one: "Noch jemand sieht etwas.",
	somebody: "Jemand",
	last_viewings: "Zuletzt gesehen",
	no_viewings: "Noch wurde nichts gesehen.",
	last_decisions: "Zuletzt entschieden",
	no_decisions: "Noch wurde nichts entschieden.",
	watched: "gesehen",
	method_direct_play: "Direkt",
	method_direct_stream: "Umverpackt",
	method_transcode: "Umgewandelt",
	method_unknown: "Art unbekannt",
	part_video: "Bild",
	part_audio: "Ton",
	part_subtitle: "Untertitel",
	part_container: "Container",
	part_other: "sonstiges",
	verdict_download: "Holen",
	verdict_stream: "Streamen",
	verdict_ask: "Fragen",
	seedbox: "Seedbox",
	no_client: "Kein Torrent-Client ist verknüpft.",
	room: "Platz",
	over_target: "über dem Ziel",
	full_at: "Voll {when}, wenn nichts geht: {rate} kamen an einem Tag.",
	next_purge: "Nächstes Aufräumen",
	purge_unknown: "Noch hat niemand nachgesehen, was gehen darf.",
	not_by_itself: "Beginnt nicht von selbst",
	nothing_to_purge: "nichts darf gehen",
	torrents_go: "{number} Torrents",
	torrents_go_one: "{number} Torrent",
	transfers: "Übertragungen",
	no_transfers: "Keine Übertragung ist verknüpft.",
	last_sync: "Letzte Übertragung {when}",
	never_synced: "Noch wurde nichts übertragen.",
	number_torrents: "Torrents",
	number_seeding: "Seeden",
	number_downloading: "Laden",
	number_paused: "Angehalten",
	number_errors: "Fehler",
	number_ratio: "Verhältnis",
	number_purgeable_size: "Entfernbar",
	number_download_rate: "Download",
	number_upload_rate: "Upload",
	transfer_idle: "Bereit",
	transfer_listing: "Sieht nach, was da ist",
	transfer_fetching: "Überträgt",
	transfer_verifying: "Prüft",
	transfer_paused: "Angehalten",
	transfer_failed: "Fehlgeschlagen",
	transfer_unreachable: "Antwortet nicht",
	title: "Titel",
	story: "Was geschah",
	no_story: "Noch ist nichts damit geschehen.",
	older: "Es gibt noch Älteres.",
	kept: "Behalten",
	for_ever: "für immer",
	last_decision: "Die letzte Entscheidung",
	override: "Downloads",
	stop_keeping: "Nicht mehr behalten",
	decide_now: "Jetzt entscheiden",
	policy_auto: "Den Regeln überlassen",
	policy_always: "Immer holen",
	policy_ask: "Mich fragen",
	policy_never: "Nie holen",
	media_movie: "Film",
	media_series: "Serie",
	media_episode: "Folge",
	media_season: "Staffel",
	event_viewing: "Wiedergabe",
	event_decision: "Entscheidung",
	event_change: "Änderung",
	event_plan: "Plan",
	event_regret: "Bereut",
	event_request: "Anfrage",
	event_request_event: "Anfrage",
	event_keep: "Behalten",
	event_stop_keeping: "Nicht mehr behalten",
	answer_yes: "ja",
	answer_no: "nein",
	answer_unknown: "unbekannt",
	rule_override: "Das Wort einer Person",
	rule_movie: "Art des Titels",
	rule_viewer: "Zuschauer",
	rule_local: "Schon vorhanden",
	rule_queued: "Schon in der Warteschlange",
	rule_searched: "Schon gesucht",
	rule_cooldown: "Vor Kurzem gelöscht",
	rule_released: "Erschienen",
	rule_genre_excluded: "Ausgeschlossenes Genre",
	rule_instant_rating: "Bewertung für sofortigen Download",
	rule_rare_keyword: "Selten: Stichwort",
	rule_rare_year_language: "Selten: Jahr und Sprache",
	rule_rare_rating_votes: "Selten: Bewertung und Stimmen",
	rule_rare_genre: "Selten: Genre",
	rule_rare_seeders: "Selten: Seeder",
	rule_favorite: "Favorit",
	rule_genre_instant: "Genre für sofortigen Download",
	rule_rewatch: "Erneut gesehen",
	rule_rewatch_rating: "Bewertung des erneut Gesehenen",
	rule_stream: "Nur gestreamt",
	rule_keep: "Behalten-Tag",
	rule_kept: "Von einer Person behalten",
	rule_playing: "Läuft gerade",
	rule_begun: "Jemand ist mitten darin",
	rule_last_watched: "Nur die zuletzt gesehene Folge ist noch da",
	rule_sources: "Alle, die es haben können, haben geantwortet",
	rule_identified: "An seinen Kennungen zu erkennen",
	rule_excluded: "In einem Ordner, der in Ruhe bleibt",
	rule_regretted: "Seine Löschung wurde schon bereut",
	rule_returned: "Kam nach einer Löschung wieder",
	rule_numbered: "Staffel und Folgen sind klar",
	rule_files: "Seine Dateien sind ganz",
	rule_left: "Was es davon gab, ging durch uns",
	rule_unwanted: "Nichts davon ist noch gewünscht",
	rule_status: "Alle sind sich über seinen Stand einig",
	rule_latest: "Letzte Staffel einer laufenden Serie",
	rule_aired: "Alles davon ist gelaufen",
	rule_watched: "Gesehen von denen, die zählen",
	rule_unwatched: "Von niemandem gesehen",
	rule_idle: "Etwas davon wurde einmal gesehen",
	rule_rated: "So gut bewertet, dass es bleibt",
	rule_old: "Lange genug nicht gesehen",
	rule_lower: "Anderswo in höherer Qualität da",
	rule_covered: "Die bessere Fassung ist ganz und bleibt",
	rule_requested: "Wer es sich gewünscht hat, hat es nicht gesehen",
	rule_grace: "Seine Frist ist um (ab wann / Tage)",
	rule_seedbox: "Sein Download ist noch in einem Torrent-Client",
	rule_links: "Seine Dateien haben weitere Namen",
	rule_lacking: "Etwas von der Staffel fehlt",
	rule_ready: "Was da ist, würde gehen",
	rule_leaves: "Geht, wie es ist",
	rule_monitored: "Von Sonarr überwacht",
	rule_left_to_person: "Eine Person entscheidet darüber",
	rule_deleted: "Vor Kurzem von uns gelöscht",
	rule_elsewhere: "Ein anderer Dienst hat, was fehlt",
	rule_errored: "Seine Daten haben einen Fehler",
	rule_complete: "Vollständig",
	rule_place: "Wo seine Daten liegen, ist bekannt",
	rule_imported: "Importiert",
	rule_seeded: "Lange genug geseedet",
	rule_untimed: "Seedet ohne bekannten Beginn",
	rule_duty: "Sein Tracker verlangt mehr",
	rule_shared: "Andere Torrents nutzen dieselben Daten",
	field_title: "Titel",
	field_config_entry_id: "Server",
	field_show: "Anzeigen",
	field_plans: "Pläne anzeigen",
	field_history: "Zuletzt Gesehenes und Entschiedenes anzeigen",
	field_transfers: "Übertragungen anzeigen",
	field_purge: "Nächstes Aufräumen zeigen",
	help_config_entry_id: "Nur nötig, wo mehrere verknüpft sind.",
	picker_now: "Showrunner: Läuft gerade",
	picker_requests: "Showrunner: Anfragen",
	picker_leaving: "Showrunner: Was geht",
	picker_seedbox: "Showrunner: Seedbox",
	about_now: "Wer was wie sieht, und was zuletzt gesehen und entschieden wurde.",
	about_requests: "Jede offene Anfrage: wie weit sie ist und was sie aufhält.",
	about_leaving: "Was wann geht, zum Behalten; und Pläne zum Ausführen.",
	about_seedbox: "Platz, Raten und Übertragungen der Seedbox.",
	strategy: "Die ganze Seite aus dem, was verknüpft ist.",
	view_now: "Jetzt",
	view_requests: "Anfragen",
	view_leaving: "Was geht",
	view_seedbox: "Seedbox",
	view_history: "Verlauf",
	view_services: "Dienste",
	counts: "Zahlen",
	watching: "Sehen",
	watch_time: "Sehzeit am Tag",
	storage: "Speicher",
	free_space: "Freier Platz",
	gains: "Gespart und frei geworden",
	saved: "Durch Streamen gespart",
	freed: "Durch Löschen frei geworden",
	services: "Dienste",
	switches: "Schalter",
	run: "Jetzt ausführen",
	request_event_approved: "genehmigt",
	request_event_pending: "wartet wieder auf Genehmigung",
	request_event_declined: "abgelehnt",
	request_event_withdrawn: "zurückgezogen",
	request_event_refused: "konnte nicht weitergegeben werden",
	request_event_grabbed: "gefunden",
	request_event_started: "Download begonnen",
	request_event_complete: "Download vollständig",
	request_event_importing: "wird importiert",
	request_event_imported: "importiert",
	request_event_failed: "fehlgeschlagen",
	request_event_deleted: "gelöscht",
	request_event_matched: "erkannt",
	hours: "Wann geschaut wird",
	hours_of: "Geschaute Zeit in jeder Stunde der Woche, letzte {count} Tage",
	hours_summary: "{time} in den letzten {count} Tagen, das meiste am {place} ({share}).",
	nothing_watched: "In den letzten {count} Tagen wurde nichts geschaut.",
	viewer: "Zuschauer",
	everybody: "Alle",
	none: "Nichts",
	field_days: "Tage",
	picker_hours: "Showrunner: Wann geschaut wird",
	about_hours: "Zu welchen Stunden der Woche geschaut wird.",
	top: "Am meisten geschaut",
	top_movies: "Filme",
	top_series: "Serien",
	times: "{number}-mal",
	times_one: "Einmal",
	picker_top: "Showrunner: Am meisten geschaut",
	about_top: "Die Filme und Serien, die am häufigsten geschaut wurden."
}, zt = {
	loading: "Loading…",
	reconnecting: "No connection to Home Assistant: this is how it was.",
	unavailable: "The server does not answer: how it stands is not known.",
	failed: "That could not be read: {error}",
	not_done: "That was not done: {error}",
	not_allowed: "Only administrators see this.",
	not_linked: "Showrunner has no such server (yet), or has several: choose one in the card's editor.",
	unknown: "unknown",
	close: "Close",
	back: "Back",
	more: "{count} more",
	count: "{number} titles",
	count_one: "{number} title",
	count_stuck: "{count} stuck",
	count_stuck_one: "{count} stuck",
	left: "{time} left",
	season: "Season {number}",
	progress: "Progress",
	dry_run: "dry run",
	paused: "paused",
	running: "running",
	requests: "Requests",
	search: "Search",
	show: "Show",
	no_requests: "Nobody waits for anything.",
	nothing_matches: "Nothing matches.",
	episodes: "{done} of {all} episodes",
	step_of: "{step}, step {at} of {all}",
	approve: "Approve",
	approve_title: "Approve {title}",
	decline: "Decline",
	decline_title: "Decline {title}",
	repair: "What to do",
	repair_title: "What to do about {title}: to the repairs",
	mend_retry: "Hand on again",
	mend_search: "Search again",
	mend_look_again: "Look again",
	mended_retry: "Seerr hands it on once more.",
	mended_search: "It is searched for again.",
	mended_look_again: "Its downloads are looked at again.",
	state_requested: "Waits for approval",
	show_requested: "Waits for approval",
	state_approved: "Approved",
	show_approved: "Approved",
	state_grabbing: "Being searched",
	show_grabbing: "Being searched",
	state_downloading: "Downloading",
	show_downloading: "Downloading",
	state_downloaded: "Downloaded",
	show_downloaded: "Downloaded",
	state_importing: "Importing",
	show_importing: "Importing",
	state_anime_matching: "Matched by Shoko",
	show_anime_matching: "Matched by Shoko",
	state_available: "Available",
	show_available: "Available",
	state_failed: "Failed",
	show_failed: "Failed",
	show_all: "All",
	show_stuck: "Stuck",
	stage_unaired: "Not aired yet",
	stage_not_visible: "Jellyfin does not show it yet",
	stage_not_matched: "Shoko does not know it yet",
	stage_no_seeds: "No seeds at the moment",
	stage_stalled: "Does not move at the moment",
	stage_paused: "Paused",
	stage_client_unavailable: "The torrent client does not answer",
	stage_waiting_to_import: "Waits to be imported",
	stuck_waiting_for_approval: "It waits for approval",
	stuck_refused: "Radarr or Sonarr refused it",
	stuck_nothing_found: "Nothing was found",
	stuck_no_torrent: "Its download is in no torrent client",
	stuck_stalled: "Its download does not move",
	stuck_no_seeds: "Its download has no seeds",
	stuck_disk_full: "The disk is full",
	stuck_download_error: "Its download has an error",
	stuck_import_blocked: "It can't be imported",
	stuck_vanished: "Its download vanished",
	stuck_not_matched: "Shoko does not know it",
	stuck_not_visible: "Jellyfin does not show it",
	stuck_download_failed: "Its download failed",
	stuck_client_unavailable: "Its torrent client does not answer",
	stuck_not_imported: "It is downloaded and not imported",
	stuck_not_searched: "Nobody has searched for it",
	stuck_not_moving: "Nothing has changed for hours",
	leaving: "Leaving",
	nobody_looked: "Nobody has looked yet what could leave.",
	nothing_leaves: "Nothing leaves.",
	size_unknown: "size unknown",
	keep: "Keep",
	keep_title: "Keep {title}",
	postpone: "+{count} days",
	postpone_title: "+{count} days for {title}",
	plans: "Plans",
	plan: "Plan",
	no_plans: "No plans yet.",
	earlier_plans: "{count} earlier plans",
	earlier_plans_one: "{count} earlier plan",
	steps: "{number} steps",
	steps_one: "{number} step",
	steps_of: "{done} of {all} steps",
	waits: "waits for an answer",
	waits_for_you: "waits for you",
	no_steps: "Nothing to do.",
	made: "Made {when}",
	left_out: "{count} left out, and why",
	choose: "Choose {title}",
	apply: "Apply {count} steps…",
	apply_one: "Apply {count} step…",
	sure_apply: "Really carry out {count} steps ({bytes})?",
	sure_apply_one: "Really carry out {count} step ({bytes})?",
	yes_apply: "Carry out",
	undo: "Undo…",
	sure_undo: "Take back what was done to {title}?",
	yes_undo: "Take back",
	pause: "Pause",
	resume: "Go on",
	cancel: "Cancel the rest",
	expired: "Too old to be applied: have a new plan made.",
	step_planned: "planned",
	step_done: "done",
	step_skipped: "skipped",
	step_failed: "failed",
	step_cut: "waits",
	step_begun: "begun",
	step_unknown: "unknown",
	job_download: "Downloads",
	job_delete_request: "Deletion of a request",
	job_purge: "Purge of the seedbox",
	job_cleanup: "Cleanup of what was watched",
	job_extras: "Tidying of extras",
	job_sync: "Transfer from the seedbox",
	job_undo: "Taken back",
	job_torrents: "Torrents",
	job_refresh: "Refresh of Jellyfin",
	job_remove_source: "Removal at the source",
	job_make_room: "Making room",
	action_add_movie: "Add the movie",
	action_update_movie: "Change the movie",
	action_search_movie: "Search for the movie",
	action_delete_movie: "Delete the movie",
	action_delete_series: "Delete the series",
	action_unmonitor_movie: "Unmonitor the movie",
	action_unmonitor_episodes: "Unmonitor episodes",
	action_remove_torrent: "Remove the torrent",
	action_delete_file: "Delete the file",
	action_delete_episode_files: "Delete files of episodes",
	action_forget_media: "Have Seerr forget it",
	action_delete_request: "Delete the request",
	action_restore_movie: "Bring the movie back",
	action_restore_series: "Bring the series back",
	action_monitor_episodes: "Monitor episodes",
	action_search_episodes: "Search for episodes",
	action_fetch_release: "Fetch the release",
	action_trash_file: "Move the file to the trash",
	action_restore_file: "Take the file out of the trash",
	action_delete_trashed: "Empty it out of the trash",
	action_remove_remote_files: "Remove files at the source",
	now: "Now playing",
	nobody: "Nobody watches anything.",
	others: "{count} others watch something.",
	others_one: "One other watches something.",
	somebody: "Somebody",
	last_viewings: "Watched last",
	no_viewings: "Nothing was watched yet.",
	last_decisions: "Decided last",
	no_decisions: "Nothing was decided yet.",
	watched: "watched",
	method_direct_play: "Direct",
	method_direct_stream: "Repackaged",
	method_transcode: "Converted",
	method_unknown: "How is unknown",
	part_video: "picture",
	part_audio: "sound",
	part_subtitle: "subtitles",
	part_container: "container",
	part_other: "other",
	verdict_download: "Fetch",
	verdict_stream: "Stream",
	verdict_ask: "Ask",
	seedbox: "Seedbox",
	no_client: "No torrent client is linked.",
	room: "Room",
	over_target: "over the target",
	full_at: "Full {when} if nothing goes: {rate} came in a day.",
	next_purge: "Next purge",
	purge_unknown: "Nobody has looked yet what may go.",
	not_by_itself: "Does not begin by itself",
	nothing_to_purge: "nothing may go",
	torrents_go: "{number} torrents",
	torrents_go_one: "{number} torrent",
	transfers: "Transfers",
	no_transfers: "No transfer is linked.",
	last_sync: "Last transfer {when}",
	never_synced: "Nothing was transferred yet.",
	number_torrents: "Torrents",
	number_seeding: "Seeding",
	number_downloading: "Downloading",
	number_paused: "Paused",
	number_errors: "Errors",
	number_ratio: "Ratio",
	number_purgeable_size: "Purgeable",
	number_download_rate: "Download",
	number_upload_rate: "Upload",
	transfer_idle: "Idle",
	transfer_listing: "Looking what is there",
	transfer_fetching: "Fetching",
	transfer_verifying: "Verifying",
	transfer_paused: "Paused",
	transfer_failed: "Failed",
	transfer_unreachable: "Does not answer",
	title: "Title",
	story: "What happened",
	no_story: "Nothing happened to it yet.",
	older: "There is more that is older.",
	kept: "Kept",
	for_ever: "for ever",
	last_decision: "The last decision",
	override: "Downloads",
	stop_keeping: "Keep no longer",
	decide_now: "Decide now",
	policy_auto: "Leave it to the rules",
	policy_always: "Always fetch it",
	policy_ask: "Ask me",
	policy_never: "Never fetch it",
	media_movie: "Movie",
	media_series: "Series",
	media_episode: "Episode",
	media_season: "Season",
	event_viewing: "Viewing",
	event_decision: "Decision",
	event_change: "Change",
	event_plan: "Plan",
	event_regret: "Regretted",
	event_request: "Request",
	event_request_event: "Request",
	event_keep: "Kept",
	event_stop_keeping: "Kept no longer",
	answer_yes: "yes",
	answer_no: "no",
	answer_unknown: "unknown",
	rule_override: "A person's word",
	rule_movie: "Kind of title",
	rule_viewer: "Viewer",
	rule_local: "Already here",
	rule_queued: "Already in the queue",
	rule_searched: "Already searched",
	rule_cooldown: "Deleted not long ago",
	rule_released: "Released",
	rule_genre_excluded: "Excluded genre",
	rule_instant_rating: "Rating for an instant download",
	rule_rare_keyword: "Rare: keyword",
	rule_rare_year_language: "Rare: year and language",
	rule_rare_rating_votes: "Rare: rating and votes",
	rule_rare_genre: "Rare: genre",
	rule_rare_seeders: "Rare: seeders",
	rule_favorite: "Favorite",
	rule_genre_instant: "Genre for an instant download",
	rule_rewatch: "Watched again",
	rule_rewatch_rating: "Rating of what is watched again",
	rule_stream: "Only streamed",
	rule_keep: "Keep tag",
	rule_kept: "Kept by a person",
	rule_playing: "Plays now",
	rule_begun: "Somebody is in the middle of it",
	rule_last_watched: "Only the last watched episode is left",
	rule_sources: "All that may hold it has answered",
	rule_identified: "Known by its ids",
	rule_excluded: "In a folder that is left alone",
	rule_regretted: "Its deletion was regretted before",
	rule_returned: "Came back after a deletion",
	rule_numbered: "Season and episodes are clear",
	rule_files: "Its files are whole",
	rule_left: "We have let go what there was of it",
	rule_unwanted: "Nothing of it is wanted any more",
	rule_status: "All agree how it stands",
	rule_latest: "Latest season of a series that goes on",
	rule_aired: "All of it has aired",
	rule_watched: "Watched by those who count",
	rule_unwatched: "Watched by nobody",
	rule_idle: "Something of it was watched once",
	rule_rated: "Rated so well that it stays",
	rule_old: "Not watched for long enough",
	rule_lower: "There in a higher quality elsewhere",
	rule_covered: "The better copy is whole and stays",
	rule_requested: "Somebody who asked for it has not watched it",
	rule_grace: "Its grace is over (since when / days)",
	rule_seedbox: "Its download is still in a torrent client",
	rule_links: "Its files have other names",
	rule_lacking: "Something of the season is lacking",
	rule_ready: "What is there would leave",
	rule_leaves: "Leaves as it is",
	rule_monitored: "Watched for by Sonarr",
	rule_left_to_person: "A person decides on it",
	rule_deleted: "Deleted by us not long ago",
	rule_elsewhere: "Another service has what is lacking",
	rule_errored: "Its data have an error",
	rule_complete: "Complete",
	rule_place: "Where its data lie is known",
	rule_imported: "Imported",
	rule_seeded: "Seeded long enough",
	rule_untimed: "Seeds without a known beginning",
	rule_duty: "Its tracker asks for more",
	rule_shared: "Other torrents use the same data",
	field_title: "Title",
	field_config_entry_id: "Server",
	field_show: "Show",
	field_plans: "Show plans",
	field_history: "Show what was watched and decided last",
	field_transfers: "Show transfers",
	field_purge: "Show the next purge",
	help_config_entry_id: "Only needed where several are linked.",
	picker_now: "Showrunner: now playing",
	picker_requests: "Showrunner: requests",
	picker_leaving: "Showrunner: leaving",
	picker_seedbox: "Showrunner: seedbox",
	about_now: "Who watches what and how, and what was watched and decided last.",
	about_requests: "Every open request: how far it is, and what holds it up.",
	about_leaving: "What leaves and when, to be kept; and plans to be applied.",
	about_seedbox: "Room, rates and transfers of the seedbox.",
	strategy: "The whole page from what is linked.",
	view_now: "Now",
	view_requests: "Requests",
	view_leaving: "Leaving",
	view_seedbox: "Seedbox",
	view_history: "History",
	view_services: "Services",
	counts: "Numbers",
	watching: "Watching",
	watch_time: "Watch time a day",
	storage: "Storage",
	free_space: "Free space",
	gains: "Saved and freed",
	saved: "Saved by streaming",
	freed: "Freed by deletions",
	services: "Services",
	switches: "Switches",
	run: "Run now",
	request_event_approved: "approved",
	request_event_pending: "waits for approval again",
	request_event_declined: "declined",
	request_event_withdrawn: "withdrawn",
	request_event_refused: "could not be handed on",
	request_event_grabbed: "grabbed",
	request_event_started: "download begun",
	request_event_complete: "download complete",
	request_event_importing: "being imported",
	request_event_imported: "imported",
	request_event_failed: "failed",
	request_event_deleted: "deleted",
	request_event_matched: "matched",
	hours: "When people watch",
	hours_of: "Time watched in each hour of the week, last {count} days",
	hours_summary: "{time} in the last {count} days, most of it on {place} ({share}).",
	nothing_watched: "Nothing was watched in the last {count} days.",
	viewer: "Viewer",
	everybody: "Everybody",
	none: "Nothing",
	field_days: "Days",
	picker_hours: "Showrunner: viewing hours",
	about_hours: "At which hours of the week people watch.",
	top: "Watched most",
	top_movies: "Movies",
	top_series: "Series",
	times: "{number} times",
	times_one: "Once",
	picker_top: "Showrunner: watched most",
	about_top: "The movies and series that were watched most often."
}, Bt = {
	loading: "Chargement…",
	reconnecting: "Pas de connexion à Home Assistant : voici le dernier état connu.",
	unavailable: "Le serveur ne répond pas : l'état est inconnu.",
	failed: "Lecture impossible : {error}",
	not_done: "Action non effectuée : {error}",
	not_allowed: "Réservé aux administrateurs.",
	not_linked: "Showrunner n'a pas (encore) ce serveur, ou en a plusieurs : choisissez-en un dans l'éditeur de la carte.",
	unknown: "inconnu",
	close: "Fermer",
	back: "Retour",
	more: "{count} de plus",
	count: "{number} titres",
	count_one: "{number} titre",
	count_stuck: "{count} bloquées",
	count_stuck_one: "{count} bloquée",
	left: "encore {time}",
	season: "Saison {number}",
	progress: "Progression",
	dry_run: "essai à blanc",
	paused: "en pause",
	running: "en cours",
	requests: "Demandes",
	search: "Rechercher",
	show: "Afficher",
	no_requests: "Personne n'attend rien.",
	nothing_matches: "Aucun résultat.",
	episodes: "{done} épisodes sur {all}",
	step_of: "{step}, étape {at} sur {all}",
	approve: "Approuver",
	approve_title: "Approuver {title}",
	decline: "Refuser",
	decline_title: "Refuser {title}",
	repair: "Que faire ?",
	repair_title: "Que faire pour {title} : vers les réparations",
	mend_retry: "Transmettre à nouveau",
	mend_search: "Chercher à nouveau",
	mend_look_again: "Vérifier à nouveau",
	mended_retry: "Seerr la transmet à nouveau.",
	mended_search: "Une nouvelle recherche est lancée.",
	mended_look_again: "Ses téléchargements sont vérifiés à nouveau.",
	state_requested: "En attente d'approbation",
	show_requested: "En attente d'approbation",
	state_approved: "Approuvée",
	show_approved: "Approuvée",
	state_grabbing: "Recherche",
	show_grabbing: "Recherche",
	state_downloading: "Téléchargement",
	show_downloading: "Téléchargement",
	state_downloaded: "Téléchargée",
	show_downloaded: "Téléchargée",
	state_importing: "Importation",
	show_importing: "Importation",
	state_anime_matching: "Reconnaissance par Shoko",
	show_anime_matching: "Reconnaissance par Shoko",
	state_available: "Disponible",
	show_available: "Disponible",
	state_failed: "Échec",
	show_failed: "Échec",
	show_all: "Toutes",
	show_stuck: "Bloquées",
	stage_unaired: "Pas encore diffusé",
	stage_not_visible: "Jellyfin ne l'affiche pas encore",
	stage_not_matched: "Shoko ne le connaît pas encore",
	stage_no_seeds: "Aucune source pour le moment",
	stage_stalled: "À l'arrêt pour le moment",
	stage_paused: "En pause",
	stage_client_unavailable: "Le client torrent ne répond pas",
	stage_waiting_to_import: "En attente d'importation",
	stuck_waiting_for_approval: "En attente d'approbation",
	stuck_refused: "Refusée par Radarr ou Sonarr",
	stuck_nothing_found: "Rien n'a été trouvé",
	stuck_no_torrent: "Le téléchargement n'est dans aucun client torrent",
	stuck_stalled: "Le téléchargement n'avance pas",
	stuck_no_seeds: "Le téléchargement n'a aucune source",
	stuck_disk_full: "Le disque est plein",
	stuck_download_error: "Le téléchargement a une erreur",
	stuck_import_blocked: "Importation impossible",
	stuck_vanished: "Le téléchargement a disparu",
	stuck_not_matched: "Shoko ne le connaît pas",
	stuck_not_visible: "Jellyfin ne l'affiche pas",
	stuck_download_failed: "Le téléchargement a échoué",
	stuck_client_unavailable: "Le client torrent ne répond pas",
	stuck_not_imported: "Téléchargée mais pas importée",
	stuck_not_searched: "Personne ne l'a cherchée",
	stuck_not_moving: "Rien n'a changé depuis des heures",
	leaving: "Départs",
	nobody_looked: "Personne n'a encore regardé ce qui pourrait partir.",
	nothing_leaves: "Rien ne part.",
	size_unknown: "taille inconnue",
	keep: "Garder",
	keep_title: "Garder {title}",
	postpone: "+{count} jours",
	postpone_title: "+{count} jours pour {title}",
	plans: "Plans",
	plan: "Plan",
	no_plans: "Aucun plan pour l'instant.",
	earlier_plans: "{count} plans antérieurs",
	earlier_plans_one: "{count} plan antérieur",
	steps: "{number} étapes",
	steps_one: "{number} étape",
	steps_of: "{done} étapes sur {all}",
	waits: "attend une réponse",
	waits_for_you: "vous attend",
	no_steps: "Rien à faire.",
	made: "Créé le {when}",
	left_out: "{count} laissés de côté, et pourquoi",
	choose: "Choisir {title}",
	apply: "Appliquer {count} étapes…",
	apply_one: "Appliquer {count} étape…",
	sure_apply: "Vraiment exécuter {count} étapes ({bytes}) ?",
	sure_apply_one: "Vraiment exécuter {count} étape ({bytes}) ?",
	yes_apply: "Exécuter",
	undo: "Annuler…",
	sure_undo: "Annuler ce qui a été fait à {title} ?",
	yes_undo: "Annuler l'action",
	pause: "Suspendre",
	resume: "Reprendre",
	cancel: "Abandonner le reste",
	expired: "Trop ancien pour être appliqué : faites faire un nouveau plan.",
	step_planned: "prévue",
	step_done: "faite",
	step_skipped: "sautée",
	step_failed: "échouée",
	step_cut: "en attente",
	step_begun: "commencée",
	step_unknown: "inconnue",
	job_download: "Téléchargements",
	job_delete_request: "Suppression d'une demande",
	job_purge: "Purge de la seedbox",
	job_cleanup: "Nettoyage de ce qui a été vu",
	job_extras: "Rangement des bonus",
	job_sync: "Transfert depuis la seedbox",
	job_undo: "Annulation",
	job_torrents: "Torrents",
	job_refresh: "Actualisation de Jellyfin",
	job_remove_source: "Suppression à la source",
	job_make_room: "Libération d'espace",
	action_add_movie: "Ajouter le film",
	action_update_movie: "Modifier le film",
	action_search_movie: "Chercher le film",
	action_delete_movie: "Supprimer le film",
	action_delete_series: "Supprimer la série",
	action_unmonitor_movie: "Ne plus surveiller le film",
	action_unmonitor_episodes: "Ne plus surveiller les épisodes",
	action_remove_torrent: "Supprimer le torrent",
	action_delete_file: "Supprimer le fichier",
	action_delete_episode_files: "Supprimer des fichiers d'épisodes",
	action_forget_media: "Le faire oublier à Seerr",
	action_delete_request: "Supprimer la demande",
	action_restore_movie: "Restaurer le film",
	action_restore_series: "Restaurer la série",
	action_monitor_episodes: "Surveiller les épisodes",
	action_search_episodes: "Chercher les épisodes",
	action_fetch_release: "Récupérer la version",
	action_trash_file: "Mettre le fichier à la corbeille",
	action_restore_file: "Sortir le fichier de la corbeille",
	action_delete_trashed: "Vider de la corbeille",
	action_remove_remote_files: "Supprimer les fichiers à la source",
	now: "En cours de lecture",
	nobody: "Personne ne regarde rien.",
	others: "{count} autres regardent quelque chose.",
	others_one: "Une autre personne regarde quelque chose.",
	somebody: "Quelqu'un",
	last_viewings: "Vus récemment",
	no_viewings: "Rien n'a encore été vu.",
	last_decisions: "Décidés récemment",
	no_decisions: "Rien n'a encore été décidé.",
	watched: "vu",
	method_direct_play: "Direct",
	method_direct_stream: "Remultiplexé",
	method_transcode: "Converti",
	method_unknown: "Mode inconnu",
	part_video: "image",
	part_audio: "son",
	part_subtitle: "sous-titres",
	part_container: "conteneur",
	part_other: "autre",
	verdict_download: "Récupérer",
	verdict_stream: "Streamer",
	verdict_ask: "Demander",
	seedbox: "Seedbox",
	no_client: "Aucun client torrent n'est lié.",
	room: "Espace",
	over_target: "au-dessus de l'objectif",
	full_at: "Plein {when} si rien ne part : {rate} arrivés en un jour.",
	next_purge: "Prochaine purge",
	purge_unknown: "Personne n’a encore regardé ce qui peut partir.",
	not_by_itself: "Ne commence pas d’elle-même",
	nothing_to_purge: "rien ne peut partir",
	torrents_go: "{number} torrents",
	torrents_go_one: "{number} torrent",
	transfers: "Transferts",
	no_transfers: "Aucun transfert n'est lié.",
	last_sync: "Dernier transfert {when}",
	never_synced: "Rien n'a encore été transféré.",
	number_torrents: "Torrents",
	number_seeding: "En partage",
	number_downloading: "En téléchargement",
	number_paused: "En pause",
	number_errors: "Erreurs",
	number_ratio: "Ratio",
	number_purgeable_size: "Purgeable",
	number_download_rate: "Réception",
	number_upload_rate: "Envoi",
	transfer_idle: "Au repos",
	transfer_listing: "Inventaire",
	transfer_fetching: "Transfert",
	transfer_verifying: "Vérification",
	transfer_paused: "En pause",
	transfer_failed: "Échec",
	transfer_unreachable: "Ne répond pas",
	title: "Titre",
	story: "Ce qui s'est passé",
	no_story: "Rien ne s'est encore passé.",
	older: "Il y a encore plus ancien.",
	kept: "Gardé",
	for_ever: "pour toujours",
	last_decision: "La dernière décision",
	override: "Téléchargements",
	stop_keeping: "Ne plus garder",
	decide_now: "Décider maintenant",
	policy_auto: "Laisser faire les règles",
	policy_always: "Toujours récupérer",
	policy_ask: "Me demander",
	policy_never: "Ne jamais récupérer",
	media_movie: "Film",
	media_series: "Série",
	media_episode: "Épisode",
	media_season: "Saison",
	event_viewing: "Lecture",
	event_decision: "Décision",
	event_change: "Modification",
	event_plan: "Plan",
	event_regret: "Regretté",
	event_request: "Demande",
	event_request_event: "Demande",
	event_keep: "Gardé",
	event_stop_keeping: "Plus gardé",
	answer_yes: "oui",
	answer_no: "non",
	answer_unknown: "inconnu",
	rule_override: "La parole d'une personne",
	rule_movie: "Type de titre",
	rule_viewer: "Spectateur",
	rule_local: "Déjà présent",
	rule_queued: "Déjà dans la file",
	rule_searched: "Déjà recherché",
	rule_cooldown: "Supprimé récemment",
	rule_released: "Sorti",
	rule_genre_excluded: "Genre exclu",
	rule_instant_rating: "Note pour un téléchargement immédiat",
	rule_rare_keyword: "Rare : mot-clé",
	rule_rare_year_language: "Rare : année et langue",
	rule_rare_rating_votes: "Rare : note et votes",
	rule_rare_genre: "Rare : genre",
	rule_rare_seeders: "Rare : sources",
	rule_favorite: "Favori",
	rule_genre_instant: "Genre pour un téléchargement immédiat",
	rule_rewatch: "Revu",
	rule_rewatch_rating: "Note de ce qui est revu",
	rule_stream: "Seulement streamé",
	rule_keep: "Étiquette de conservation",
	rule_kept: "Gardé par une personne",
	rule_playing: "En cours de lecture",
	rule_begun: "Quelqu’un est au milieu",
	rule_last_watched: "Il ne reste que le dernier épisode vu",
	rule_sources: "Tous ceux qui peuvent l’avoir ont répondu",
	rule_identified: "Reconnu par ses identifiants",
	rule_excluded: "Dans un dossier laissé intact",
	rule_regretted: "Sa suppression a déjà été regrettée",
	rule_returned: "Revenu après une suppression",
	rule_numbered: "Saison et épisodes sont clairs",
	rule_files: "Ses fichiers sont entiers",
	rule_left: "Ce qu’il y en avait est parti par nous",
	rule_unwanted: "Rien n’en est plus voulu",
	rule_status: "Tous s’accordent sur son état",
	rule_latest: "Dernière saison d’une série en cours",
	rule_aired: "Tout en a été diffusé",
	rule_watched: "Vu par ceux qui comptent",
	rule_unwatched: "Vu par personne",
	rule_idle: "Une partie en a été vue",
	rule_rated: "Si bien noté qu’il reste",
	rule_old: "Pas vu depuis assez longtemps",
	rule_lower: "Présent ailleurs en meilleure qualité",
	rule_covered: "La meilleure copie est entière et reste",
	rule_requested: "Qui l’a demandé ne l’a pas vu",
	rule_grace: "Son délai est écoulé (depuis / jours)",
	rule_seedbox: "Son téléchargement est encore dans un client torrent",
	rule_links: "Ses fichiers ont d’autres noms",
	rule_lacking: "Il manque quelque chose de la saison",
	rule_ready: "Ce qui est là partirait",
	rule_leaves: "Part tel quel",
	rule_monitored: "Surveillé par Sonarr",
	rule_left_to_person: "Une personne en décide",
	rule_deleted: "Supprimé par nous récemment",
	rule_elsewhere: "Un autre service a ce qui manque",
	rule_errored: "Ses données ont une erreur",
	rule_complete: "Complet",
	rule_place: "L’emplacement de ses données est connu",
	rule_imported: "Importé",
	rule_seeded: "Assez partagé",
	rule_untimed: "Partage sans début connu",
	rule_duty: "Son tracker en demande plus",
	rule_shared: "D’autres torrents utilisent les mêmes données",
	field_title: "Titre",
	field_config_entry_id: "Serveur",
	field_show: "Afficher",
	field_plans: "Afficher les plans",
	field_history: "Afficher les dernières lectures et décisions",
	field_transfers: "Afficher les transferts",
	field_purge: "Afficher la prochaine purge",
	help_config_entry_id: "Nécessaire seulement s'il y en a plusieurs.",
	picker_now: "Showrunner : en cours",
	picker_requests: "Showrunner : demandes",
	picker_leaving: "Showrunner : départs",
	picker_seedbox: "Showrunner : seedbox",
	about_now: "Qui regarde quoi et comment, et ce qui a été vu et décidé récemment.",
	about_requests: "Chaque demande ouverte : où elle en est et ce qui la retient.",
	about_leaving: "Ce qui part et quand, à garder ; et les plans à appliquer.",
	about_seedbox: "Espace, débits et transferts de la seedbox.",
	strategy: "Toute la page à partir de ce qui est lié.",
	view_now: "Maintenant",
	view_requests: "Demandes",
	view_leaving: "Départs",
	view_seedbox: "Seedbox",
	view_history: "Historique",
	view_services: "Services",
	counts: "Chiffres",
	watching: "Visionnage",
	watch_time: "Temps de visionnage par jour",
	storage: "Stockage",
	free_space: "Espace libre",
	gains: "Économisé et libéré",
	saved: "Économisé par le streaming",
	freed: "Libéré par des suppressions",
	services: "Services",
	switches: "Interrupteurs",
	run: "Exécuter",
	request_event_approved: "approuvé",
	request_event_pending: "attend de nouveau l'approbation",
	request_event_declined: "refusée",
	request_event_withdrawn: "retirée",
	request_event_refused: "n'a pas pu être transmise",
	request_event_grabbed: "récupéré",
	request_event_started: "téléchargement commencé",
	request_event_complete: "téléchargement terminé",
	request_event_importing: "importation",
	request_event_imported: "importé",
	request_event_failed: "échoué",
	request_event_deleted: "supprimé",
	request_event_matched: "reconnu",
	hours: "Heures de visionnage",
	hours_of: "Temps regardé à chaque heure de la semaine, {count} derniers jours",
	hours_summary: "{time} ces {count} derniers jours, surtout le {place} ({share}).",
	nothing_watched: "Rien n’a été regardé ces {count} derniers jours.",
	viewer: "Spectateur",
	everybody: "Tout le monde",
	none: "Rien",
	field_days: "Jours",
	picker_hours: "Showrunner : heures de visionnage",
	about_hours: "À quelles heures de la semaine on regarde.",
	top: "Les plus regardés",
	top_movies: "Films",
	top_series: "Séries",
	times: "{number} fois",
	times_one: "Une fois",
	picker_top: "Showrunner : les plus regardés",
	about_top: "Les films et séries regardés le plus souvent."
}, Vt = zt, Ht = {
	en: zt,
	de: Rt,
	fr: Bt
};
function V(e, t, n = {}) {
	let r = Ht[e] ?? Ht[e.split("-")[0] ?? ""] ?? Vt, i = n.count !== void 0 && Number(n.count) === 1 ? `${t}_one` : void 0;
	return (i && r[i] || r[t] || Vt[t] || t).replace(/\{(\w+)\}/g, (e, t) => String(n[t] ?? e));
}
function H(e, t, n) {
	let r = `${t}_${n}`;
	return r in zt ? V(e, r) : n.replaceAll("_", " ");
}
var U = () => document.documentElement.lang || "en", Ut = o`
  :host {
    --row-gap: 12px;
    color: var(--primary-text-color);
  }
  * {
    box-sizing: border-box;
  }
  ha-card {
    height: 100%;
    display: flex;
    flex-direction: column;
    overflow: hidden;
  }
  .head {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 12px;
    padding: 16px 16px 8px;
  }
  h2 {
    flex: 1;
    margin: 0;
    font-size: var(--ha-font-size-xl, 20px);
    font-weight: var(--ha-font-weight-normal, 400);
    line-height: 1.3;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  h3 {
    margin: 0;
    padding: 12px 16px 4px;
    font-size: var(--ha-font-size-m, 14px);
    font-weight: var(--ha-font-weight-medium, 500);
    color: var(--secondary-text-color);
  }
  ul {
    list-style: none;
    margin: 0;
    padding: 0;
  }
  button,
  select,
  input {
    font: inherit;
    color: inherit;
  }
  button {
    cursor: pointer;
    border: 0;
    background: none;
    padding: 0;
    text-align: start;
  }
  .button {
    min-height: 36px;
    padding: 0 12px;
    border-radius: var(--ha-border-radius-md, 8px);
    background: var(--secondary-background-color);
    color: var(--primary-text-color);
    font-size: var(--ha-font-size-m, 14px);
    font-weight: var(--ha-font-weight-medium, 500);
    white-space: nowrap;
  }
  .button.main {
    background: var(--ha-color-fill-primary-normal-resting, var(--secondary-background-color));
  }
  .button.danger {
    background: var(--ha-color-fill-danger-normal-resting, var(--secondary-background-color));
    color: var(--ha-color-on-danger-normal, var(--error-color));
  }
  .button[disabled] {
    opacity: 0.5;
    cursor: default;
  }
  :is(button, select, input, a, [tabindex]):focus-visible {
    outline: 2px solid var(--primary-color);
    outline-offset: 2px;
  }
  .row {
    display: flex;
    align-items: center;
    gap: var(--row-gap);
    padding: 6px 16px;
    width: 100%;
    min-width: 0;
  }
  .open {
    display: flex;
    flex: 1;
    align-items: center;
    gap: var(--row-gap);
    min-width: 0;
    border-radius: var(--ha-border-radius-md, 8px);
  }
  .text {
    flex: 1;
    min-width: 0;
  }
  .name,
  .line {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  /* A name is read in its own direction and cut at its own end, on the side where all others are. */
  :is(.name, .line, .note)[dir] {
    text-align: -webkit-match-parent;
    text-align: match-parent;
  }
  .name {
    font-weight: var(--ha-font-weight-medium, 500);
  }
  .line {
    color: var(--secondary-text-color);
    font-size: var(--ha-font-size-s, 12px);
    line-height: 1.4;
  }
  .side {
    text-align: end;
    font-size: var(--ha-font-size-s, 12px);
    color: var(--secondary-text-color);
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  .warn {
    color: var(--ha-color-on-danger-normal, var(--error-color));
  }
  .note {
    margin: 0;
    padding: 8px 16px 16px;
    color: var(--secondary-text-color);
  }
  /* Grey, and as easy to read: what is paler too is lost on who sees little. */
  .old {
    filter: grayscale(1);
  }
  .badge {
    padding: 2px 8px;
    border-radius: 999px;
    font-size: var(--ha-font-size-s, 12px);
    background: var(--secondary-background-color);
    color: var(--primary-text-color);
    white-space: nowrap;
  }
  .bar {
    height: 6px;
    border-radius: 3px;
    background: var(--divider-color);
    overflow: hidden;
  }
  .bar > i {
    display: block;
    height: 100%;
    border-radius: inherit;
    background: var(--primary-color);
  }
  .bar.warn > i {
    background: var(--error-color);
  }
  .findings li {
    display: flex;
    gap: 8px;
    padding: 2px 0;
    overflow-wrap: anywhere;
  }
  .mark {
    flex: none;
    width: 1.2em;
    text-align: center;
    font-weight: var(--ha-font-weight-medium, 500);
  }
  .mark.yes {
    color: var(--ha-color-on-success-normal, var(--success-color));
  }
  /* No is an answer, and often the good one; what nobody knows is what stands out. */
  .mark.no {
    color: var(--secondary-text-color);
  }
  .mark.unknown {
    color: var(--ha-color-on-warning-normal, var(--warning-color));
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .scroll {
    overflow-y: auto;
    overscroll-behavior: contain;
    flex: 1;
    min-height: 0;
  }
  /* What a finger has to hit. */
  @media (pointer: coarse) {
    :is(.button, .open, select, summary, input:not([type="checkbox"])) {
      min-height: 44px;
    }
    .button {
      min-width: 44px;
    }
  }
  .hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;
// \0@oxc-project+runtime@0.156.0/helpers/esm/decorate.js
function W(e, t, n, r) {
	var i = arguments.length, a = i < 3 ? t : r === null ? r = Object.getOwnPropertyDescriptor(t, n) : r, o;
	if (typeof Reflect == "object" && typeof Reflect.decorate == "function") a = Reflect.decorate(e, t, n, r);
	else for (var s = e.length - 1; s >= 0; s--) (o = e[s]) && (a = (i < 3 ? o(a) : i > 3 ? o(t, n, a) : o(t, n)) || a);
	return i > 3 && a && Object.defineProperty(t, n, a), a;
}
// src/ui/base.ts
var G = class extends O {
	constructor(...e) {
		super(...e), this.busy = !1, this.followed = /* @__PURE__ */ new Map();
	}
	static {
		this.styles = [Ut];
	}
	get entry() {}
	get home() {
		if (!this.hass) throw Error("drawn without Home Assistant");
		return this.hass;
	}
	get admin() {
		return this.hass?.user?.is_admin === !0;
	}
	t(e, t) {
		return V(this.hass?.language ?? "en", e, t);
	}
	of(e, t) {
		return H(this.hass?.language ?? "en", e, t);
	}
	connectedCallback() {
		super.connectedCallback(), this.requestUpdate();
	}
	disconnectedCallback() {
		super.disconnectedCallback(), this.follow([]);
	}
	willUpdate(e) {
		this.isConnected && this.follow(this.hass ? this.feeds() : []);
	}
	follow(e) {
		for (let [t, n] of this.followed) e.includes(t) || (n(), this.followed.delete(t));
		for (let t of e) this.followed.has(t) || this.followed.set(t, t.subscribe(() => this.requestUpdate()));
	}
	shown(e) {
		return [
			e.connection,
			e.language,
			e.locale,
			e.user?.is_admin
		];
	}
	shouldUpdate(e) {
		let t = e.get("hass");
		if (e.size !== 1 || !t || !this.hass) return !0;
		let [n, r] = [this.shown(t), this.shown(this.hass)];
		return n.length !== r.length || n.some((e, t) => e !== r[t]);
	}
	async act(e) {
		if (!this.hass || this.busy) return !1;
		this.busy = !0, this.failed = void 0;
		try {
			return await e(this.hass), !0;
		} catch (e) {
			return this.failed = mt(e), !1;
		} finally {
			this.busy = !1;
		}
	}
	action(e, t) {
		let n = this.entry ? { config_entry_id: this.entry } : {};
		return this.act((r) => r.callWS({
			type: "call_service",
			domain: "showrunner",
			service: e,
			service_data: {
				...n,
				...t
			},
			return_response: !0
		}));
	}
	notice(e, t = !0) {
		let { data: n, current: r, failure: i } = e.state;
		if (i) {
			let e = i.code === "unauthorized" ? "not_allowed" : i.code === "not_found" ? "not_linked" : "failed";
			return C`<p dir="auto" class="note warn" role="status">${this.t(e, { error: i.message })}</p>`;
		}
		return n === void 0 && this.home.connection.connected ? C`<p dir="auto" class="note" role="status">${this.t("loading")}</p>` : r ? t ? T : C`<p dir="auto" class="note warn" role="status">${this.t("unavailable")}</p>` : C`<p dir="auto" class="note" role="status">${this.t("reconnecting")}</p>`;
	}
	complaint() {
		return C`<div role="alert">
      ${this.failed ? C`<p dir="auto" class="note warn">${this.t("not_done", { error: this.failed.message })}</p>` : T}
    </div>`;
	}
};
W([A({ attribute: !1 })], G.prototype, "hass", void 0), W([j()], G.prototype, "failed", void 0), W([j()], G.prototype, "busy", void 0);
var K = class extends G {
	get entry() {
		return this.config?.config_entry_id;
	}
	setConfig(e) {
		for (let t of ["title", "config_entry_id"]) if (e[t] !== void 0 && typeof e[t] != "string") throw Error(`${t}: text`);
		this.config = e;
	}
	getCardSize() {
		return 6;
	}
	getGridOptions() {
		return {
			columns: 12,
			rows: "auto",
			min_columns: 6,
			min_rows: 3
		};
	}
	look(e) {
		this.looking = e;
	}
	dialog() {
		return this.looking ? C`<showrunner-title
      .hass=${this.hass}
      .entryId=${this.entry}
      .about=${this.looking}
      @closed=${() => this.look(void 0)}
    ></showrunner-title>` : T;
	}
	heading(e) {
		return this.config?.title || this.t(e);
	}
	head(e, t = T) {
		return C`<div class="head"><h2>${this.heading(e)}</h2>${t}</div>`;
	}
};
W([j()], K.prototype, "config", void 0), W([j()], K.prototype, "looking", void 0);
function Wt(...e) {
	return {
		schema: [
			{
				name: "title",
				selector: { text: {} }
			},
			...e,
			{
				name: "config_entry_id",
				selector: { config_entry: { integration: "showrunner" } }
			}
		],
		computeLabel: (e) => H(U(), "field", e.name),
		computeHelper: (e) => e.name === "config_entry_id" ? H(U(), "help", e.name) : void 0
	};
}
var Gt = 366;
function Kt(e) {
	let t = Number(e?.days ?? 90);
	return Number.isInteger(t) ? Math.min(Gt, Math.max(1, t)) : 90;
}
var qt = class extends K {
	static getConfigForm() {
		return Wt({
			name: "days",
			selector: { number: {
				min: 1,
				max: Gt,
				mode: "box"
			} }
		});
	}
	static getStubConfig() {
		return { days: 90 };
	}
	get days() {
		return Kt(this.config);
	}
}, Jt = 24, Yt = 6, q = class extends qt {
	constructor(...e) {
		super(...e), this.hour = 0, this.chosen = (e) => {
			this.viewer = e.target.value || void 0;
		}, this.moved = (e) => {
			let t = lt(this.home), n = getComputedStyle(this).direction === "rtl" ? -1 : 1, r = t.indexOf(this.day ?? t[0] ?? 0), [i, a] = {
				ArrowRight: [n, 0],
				ArrowLeft: [-n, 0],
				ArrowDown: [0, 1],
				ArrowUp: [0, -1],
				Home: [-24, 0],
				End: [Jt, 0]
			}[e.key] ?? [];
			if (i === void 0 || a === void 0) return;
			e.preventDefault();
			let o = t[Math.min(t.length - 1, Math.max(0, r + a))], s = Math.min(23, Math.max(0, this.hour + i));
			this.renderRoot.querySelector(`[data-at="${o} ${s}"]`)?.focus();
		};
	}
	get feed() {
		return Mt(this.home.connection, this.entry, this.days, this.viewer);
	}
	feeds() {
		return [this.feed];
	}
	render() {
		if (!this.hass || !this.config) return T;
		let { data: e } = this.feed.state, t = (e?.week ?? []).flat().reduce((e, t) => e + t, 0);
		return C`<ha-card role="region" aria-label=${this.heading("hours")}>
      ${this.head("hours", e ? this.chooser(e.viewers) : T)} ${this.notice(this.feed)}
      ${e && t === 0 ? C`<p dir="auto" class="note">${this.t("nothing_watched", { count: this.days })}</p>` : T}
      ${e && t > 0 ? this.map(e.week, t) : T}
    </ha-card>`;
	}
	chooser(e) {
		return e.length < 2 ? T : C`<select aria-label=${this.t("viewer")} @change=${this.chosen}>
      <option value="">${this.t("everybody")}</option>
      ${e.map((e) => C`<option value=${e} ?selected=${e === this.viewer}>${e}</option>`)}
    </select>`;
	}
	map(e, t) {
		let n = Math.max(...e.flat()), r = lt(this.home);
		return C`<div class="map">
      <table role="grid" aria-label=${this.t("hours_of", { count: this.days })} @keydown=${this.moved}>
        <thead>
          <tr>
            <td></td>
            ${Array.from({ length: Jt }, (e, t) => {
			let n = ot(this.home, t), r = t % Yt === 0;
			return C`<th scope="col" class=${r ? "named" : ""}>
                <span class=${r ? T : "hidden"}>${n}</span>
              </th>`;
		})}
          </tr>
        </thead>
        <tbody>
          ${r.map((t) => C`<tr>
              <th scope="row" abbr=${st(this.home, t, "long")}>${st(this.home, t, "short")}</th>
              ${(e[t] ?? []).map((e, r) => this.cell(t, r, e, n))}
            </tr>`)}
        </tbody>
      </table>
      <p dir="auto" class="line full" aria-hidden="true">${this.looked(e) ?? T}</p>
      <p dir="auto" class="line full">${this.summary(e, n, t)}</p>
    </div>`;
	}
	cell(e, t, n, r) {
		let i = n > 0 ? Math.round(15 + 85 * Math.sqrt(n / r)) : 0;
		return C`<td
      tabindex=${this.day === void 0 && e === lt(this.home)[0] && t === 0 || e === this.day && t === this.hour ? 0 : -1}
      data-at="${e} ${t}"
      style="--share:${i}%"
      @focus=${() => this.lookAt(e, t)}
      @pointerenter=${() => this.lookAt(e, t)}
    ><span class="hidden">${this.amount(n)}</span></td>`;
	}
	amount(e) {
		return e > 0 ? Qe(this.home, Math.max(60, Math.round(e / 60) * 60)) : this.t("none");
	}
	lookAt(e, t) {
		this.day = e, this.hour = t;
	}
	place(e, t) {
		let n = `${ot(this.home, t)} – ${ot(this.home, (t + 1) % Jt)}`;
		return `${st(this.home, e, "long")}, ${n}`;
	}
	looked(e) {
		if (this.day !== void 0) return `${this.place(this.day, this.hour)}: ${this.amount(e[this.day]?.[this.hour] ?? 0)}`;
	}
	summary(e, t, n) {
		let r = e.findIndex((e) => e.includes(t)), i = this.place(r, e[r]?.indexOf(t) ?? 0);
		return this.t("hours_summary", {
			count: this.days,
			time: this.amount(n),
			place: i,
			share: F(this.home, t / n * 100)
		});
	}
	static {
		this.styles = [...qt.styles, o`
      .map {
        padding: 0 16px 16px;
      }
      select {
        height: 40px;
        max-width: 50%;
        padding: 0 12px;
        border: 1px solid var(--divider-color);
        border-radius: var(--ha-border-radius-md, 8px);
        background: var(--card-background-color);
      }
      table {
        width: 100%;
        table-layout: fixed;
        border-collapse: separate;
        border-spacing: 2px;
      }
      thead td,
      tbody th {
        width: 44px;
      }
      th {
        padding: 0;
        text-align: start;
        font-size: var(--ha-font-size-s, 12px);
        font-weight: normal;
        color: var(--secondary-text-color);
        white-space: nowrap;
      }
      thead th span {
        display: block;
        width: 0;
        overflow: visible;
      }
      tbody td {
        position: relative;
        height: 26px;
        padding: 0;
        border-radius: 3px;
        background: color-mix(in srgb, var(--primary-color) var(--share), var(--secondary-background-color));
      }
      td:focus-visible {
        outline-offset: 0;
        z-index: 1;
      }
      p {
        margin: 8px 0 0;
        min-height: 1.4em;
      }
      .line.full {
        white-space: normal;
      }
    `];
	}
};
W([j()], q.prototype, "viewer", void 0), W([j()], q.prototype, "day", void 0), W([j()], q.prototype, "hour", void 0), q = W([k("showrunner-hours-card")], q);
// src/store/pictures.ts
var Xt = 86400, Zt = Xt / 2, Qt = /^[\w:,-]{1,600}$/, $t = /* @__PURE__ */ new WeakMap();
function J(e, t) {
	let n = e === "movie" ? "movie" : "series";
	return t.slice(0, 10).map((e) => `${n}:${e}`).join(",");
}
function en(e) {
	return e ? `item:${e}` : "";
}
function tn(e, t, n, r = "poster") {
	if (!Qt.test(n)) return;
	let i = `/api/showrunner/picture/${t || "default"}/${r}/${n}`, a = $t.get(e.connection) ?? /* @__PURE__ */ new Map();
	$t.set(e.connection, a);
	let o = a.get(i);
	if (o && o.until > Date.now()) return o.address;
	let s = e.connection.sendMessagePromise({
		type: "auth/sign_path",
		path: i,
		expires: Xt
	}).then((e) => e.path);
	return a.set(i, {
		address: s,
		until: Date.now() + Zt * 1e3
	}), s.catch(() => a.delete(i)), s;
}
// src/ui/poster.ts
var Y = class extends O {
	constructor(...e) {
		super(...e), this.name = "", this.names = "", this.kind = "poster", this.asked = "";
	}
	willUpdate(e) {
		if (!e.has("names") && !e.has("kind") && !e.has("entry") && !e.has("hass")) return;
		let t = `${this.kind} ${this.entry} ${this.names}`;
		!this.hass || t === this.asked && this.src || (t !== this.asked && (this.src = void 0), this.asked = t, tn(this.hass, this.entry, this.names, this.kind)?.then((e) => {
			this.asked === t && (this.src = e);
		}, () => void 0));
	}
	render() {
		let { src: e } = this;
		return this.kind === "backdrop" ? this.backdrop(e) : C`<div class="frame" aria-hidden="true">
      <span>${nn(this.name)}</span>
      ${!e || this.broken === e ? T : C`<img src=${e} alt="" loading="lazy" decoding="async" @error=${() => this.broken = e} />`}
    </div>`;
	}
	backdrop(e) {
		return !e || this.broken === e ? T : C`<img src=${e} alt="" decoding="async" @load=${() => this.toggleAttribute("shown", !0)}
      @error=${() => this.broken = e} />`;
	}
	updated() {
		this.src && this.broken !== this.src || this.removeAttribute("shown");
	}
	static {
		this.styles = o`
    :host {
      display: block;
      flex: none;
      width: var(--poster-width, 44px);
      aspect-ratio: 2 / 3;
    }
    :host([kind="backdrop"]) {
      display: none;
      width: 100%;
      aspect-ratio: 16 / 9;
      max-height: 240px;
      overflow: hidden;
      mask-image: linear-gradient(#000 55%, transparent);
    }
    :host([kind="backdrop"][shown]) {
      display: block;
    }
    .frame > * {
      grid-area: 1 / 1;
    }
    .frame img {
      min-height: 0;
    }
    .frame {
      height: 100%;
      border-radius: var(--ha-border-radius-sm, 4px);
      overflow: hidden;
      display: grid;
      place-items: center;
      background: var(--secondary-background-color);
      color: var(--secondary-text-color);
      border: 1px solid var(--divider-color);
      font-weight: var(--ha-font-weight-medium, 500);
      font-size: calc(var(--poster-width, 44px) / 3);
      user-select: none;
    }
    img {
      width: 100%;
      height: 100%;
      object-fit: cover;
      display: block;
    }
  `;
	}
};
W([A()], Y.prototype, "name", void 0), W([A({
	attribute: !1,
	hasChanged: (e, t) => e?.connection !== t?.connection
})], Y.prototype, "hass", void 0), W([A()], Y.prototype, "entry", void 0), W([A()], Y.prototype, "names", void 0), W([A()], Y.prototype, "kind", void 0), W([j()], Y.prototype, "src", void 0), W([j()], Y.prototype, "broken", void 0), Y = W([k("showrunner-poster")], Y);
function nn(e) {
	return e.replace(/\s*\(\d{4}\)$/, "").split(/\s+/).filter((e) => /[\p{L}\p{N}]/u.test(e)).slice(0, 2).map((e) => [...e].find((e) => /[\p{L}\p{N}]/u.test(e)) ?? "").join("").toLocaleUpperCase() || "·";
}
// src/entities.ts
var rn = /* @__PURE__ */ new WeakMap();
function an(e, t, n) {
	let r = rn.get(e.entities);
	return r?.devices !== e.devices && (r = {
		devices: e.devices,
		found: /* @__PURE__ */ new Map()
	}, rn.set(e.entities, r)), r.found.has(t) || r.found.set(t, n()), r.found.get(t);
}
var on = (e, t) => an(e, `of ${t ?? ""}`, () => sn(e, t));
function sn(e, t) {
	return Object.values(e.entities).filter((n) => {
		if (n.platform !== "showrunner" || n.hidden) return !1;
		let r = n.device_id ? e.devices[n.device_id] : void 0;
		return !t || !r?.config_entries || r.config_entries.includes(t);
	});
}
function cn(e, t, n, r) {
	return on(e, t).find((e) => e.translation_key === r && e.entity_id.startsWith(`${n}.`))?.entity_id;
}
var ln = (e, t, n) => an(e, `with ${n} ${t ?? ""}`, () => un(e, t, n));
function un(e, t, n) {
	let r = on(e, t);
	return [...new Set(r.filter((e) => e.translation_key === n).map((e) => e.device_id ?? ""))].filter(Boolean).map((t) => {
		let n = e.devices[t], i = r.filter((e) => e.device_id === t && e.translation_key);
		return {
			id: t,
			name: n?.name_by_user || n?.name || "",
			entities: new Map(i.map((e) => [e.translation_key, e.entity_id]))
		};
	});
}
function dn(e, t) {
	return Object.values(e.devices).find((e) => e.identifiers?.some(([e, n]) => e === "showrunner" && n.endsWith(`_${t}`)));
}
function fn(e, t) {
	let n = dn(e, t);
	return n?.name_by_user || n?.name || void 0;
}
// src/ui/dialog.ts
var pn = class extends G {
	get entry() {
		return this.entryId;
	}
	firstUpdated() {
		let e = this.renderRoot.querySelector("dialog");
		e?.showModal ? e.showModal() : e?.setAttribute("open", "");
	}
	frame(e, t, n) {
		return C`<dialog
      aria-labelledby="heading"
      @close=${() => this.dispatchEvent(new CustomEvent("closed"))}
      @click=${(e) => e.target === e.currentTarget && this.close()}
    >
      <div class="frame">
        <div class="head">
          <h2 id="heading">${e}</h2>
          <button class="button" @click=${() => this.close()} aria-label=${this.t("close")}>✕</button>
        </div>
        <div class="scroll" tabindex="0" role="region" aria-labelledby="heading">${t}</div>
        ${this.complaint()}
        <div class="foot actions">${n}</div>
      </div>
    </dialog>`;
	}
	close() {
		this.renderRoot.querySelector("dialog")?.close();
	}
	static {
		this.styles = [...G.styles, o`
      dialog {
        width: min(640px, calc(100vw - 32px));
        max-height: min(860px, calc(100dvh - 32px));
        padding: 0;
        border: 0;
        border-radius: var(--ha-card-border-radius, 12px);
        background: var(--ha-dialog-surface-background, var(--card-background-color));
        color: var(--primary-text-color);
        box-shadow: var(--ha-card-box-shadow, 0 8px 32px rgba(0, 0, 0, 0.3));
        overflow: hidden;
      }
      dialog[open] {
        display: flex;
      }
      dialog::backdrop {
        background: rgba(0, 0, 0, 0.5);
      }
      .frame {
        display: flex;
        flex-direction: column;
        flex: 1;
        min-width: 0;
        max-height: inherit;
      }
      /* Else the frame cuts its outline off. */
      .scroll:focus-visible {
        outline-offset: -2px;
      }
      .foot {
        padding: 8px 16px 16px;
      }
      .foot:empty {
        padding: 0;
      }
      @media (max-width: 600px) {
        dialog {
          width: 100vw;
          max-width: 100vw;
          height: 100dvh;
          max-height: 100dvh;
          border-radius: 0;
        }
      }
    `];
	}
};
W([A()], pn.prototype, "entryId", void 0);
// src/ui/findings.ts
var mn = {
	yes: "✓",
	no: "✗",
	unknown: "?"
};
function hn(e, t) {
	let { language: n } = e;
	return C`<ul class="findings">
    ${t.map((t) => C`<li>
        <span class="mark ${t.answer}" role="img" aria-label=${H(n, "answer", t.answer)}
          >${mn[t.answer] ?? "·"}</span
        >
        <span><bdi>${at(e, t.detail) || H(n, "rule", t.rule)}${gn(e, t)}</bdi></span>
      </li>`)}
  </ul>`;
}
function gn(e, t) {
	if (t.detail || t.value === null || t.value === void 0 || t.value === "" || typeof t.value == "boolean") return "";
	let n = [
		null,
		void 0,
		"",
		t.value
	].includes(t.threshold) ? "" : ` / ${vn(e, t.threshold)}`;
	return `: ${vn(e, t.value)}${n}`;
}
var _n = /^\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2})$/;
function vn(e, t) {
	return typeof t == "number" ? N(e, t) : typeof t == "string" && _n.test(t) ? I(e, new Date(t)) : typeof t == "object" ? JSON.stringify(t) : String(t);
}
// src/cards/plan.ts
var yn = 200, bn = class extends pn {
	constructor(...e) {
		super(...e), this.planId = "", this.left = /* @__PURE__ */ new Set();
	}
	get feed() {
		return Tt(this.home.connection, this.entry, this.planId);
	}
	feeds() {
		return [this.feed];
	}
	render() {
		if (!this.hass) return T;
		let e = this.feed.state.data, t = e?.plan, n = t ? this.of("job", t.job) : this.t("plan"), r = C`${this.notice(this.feed, e?.available)}${t ? this.content(t, e) : T}`;
		return this.frame(n, r, t && e ? this.foot(t, e) : T);
	}
	content(e, t) {
		let { totals: n } = e, r = (n.done ?? 0) + (n.skipped ?? 0) + (n.failed ?? 0), i = r + (n.planned ?? 0);
		return C`
      <p dir="auto" class="note made">
        ${this.t("made", { when: I(this.home, new Date(e.created_at)) })}
        ${e.dry_run ? C`<span dir="auto" class="badge">${this.t("dry_run")}</span>` : T}
        ${t.running ? C`<span dir="auto" class="badge">${this.t(e.paused ? "paused" : "running")}</span>` : T}
      </p>
      ${t.running || r ? C`<div class="pad">
              <div
                class="bar"
                role="progressbar"
                aria-label=${this.t("progress")}
                aria-valuemin="0"
                aria-valuemax=${i}
                aria-valuenow=${r}
              >
                <i style="width:${i ? r / i * 100 : 0}%"></i>
              </div>
            </div>` : T}
      <p dir="auto" class="note" role="status">${this.summed(e)}</p>
      ${e.steps.length === 0 ? C`<p dir="auto" class="note">${this.t("no_steps")}</p>` : T}
      <ul class="steps">
        ${e.steps.slice(0, yn).map((n) => this.step(n, e, t.running))}
      </ul>
      ${e.steps.length > yn ? C`<p dir="auto" class="note">${this.t("more", { count: e.steps.length - yn })}</p>` : T}
      ${this.leftOut(e)}
    `;
	}
	summed(e) {
		let t = [
			"planned",
			"done",
			"skipped",
			"failed",
			"cut"
		].filter((t) => e.totals[t]).map((t) => `${this.of("step", t)}: ${N(this.home, e.totals[t] ?? 0)}`), n = e.totals.bytes_freed || e.totals.bytes;
		return n && t.push(P(this.home, n)), t.join(" · ");
	}
	step(e, t, n) {
		let r = e.state === "planned" && this.mayApply(t, n);
		return C`<li class="step ${e.state}">
      ${r ? C`<label class="hit"
              ><input
                type="checkbox"
                .checked=${!this.left.has(e.id)}
                aria-label=${this.t("choose", { title: e.title })}
                @change=${() => this.choose(e.id)}
            /></label>` : C`<span dir="auto" class="badge ${e.state === "failed" ? "warn" : ""}">${this.of("step", e.state)}</span>`}
      <details>
        <summary>
          <span dir="auto" class="name">${e.title}</span>
          <span dir="auto" class="line">
            ${this.about(e)}
          </span>
          ${e.detail ? C`<span dir="auto" class="line ${e.state === "failed" ? "warn" : ""}">${e.detail}</span>` : T}
        </summary>
        ${e.reasons.map((e) => C`<p dir="auto" class="line full">${at(this.home, e)}</p>`)}
        ${e.target.path ? C`<p dir="auto" class="line full path">${e.target.path}</p>` : T}
        ${hn(this.home, e.findings)}
      </details>
      ${this.admin && e.state === "done" && e.undo !== "none" && e.ledger_id !== null ? C`<button class="button" ?disabled=${this.busy} @click=${() => this.asking = e}>
              <bdi>${this.t("undo")}</bdi>
            </button>` : T}
    </li>`;
	}
	about(e) {
		let t = fn(this.home, e.target.service) ?? "", n = e.bytes ? P(this.home, e.bytes) : "";
		return [
			this.of("action", e.action),
			t,
			n
		].filter(Boolean).join(" · ");
	}
	leftOut(e) {
		return e.left_out_count ? C`<details class="pad">
      <summary><bdi>${this.t("left_out", { count: e.left_out_count })}</bdi></summary>
      <ul>
        ${e.left_out.map((e) => C`<li class="out">
              <span dir="auto" class="name">${e.title}</span><span dir="auto" class="line full ${e.unknown ? "warn" : ""}">${at(this.home, e.reason)}</span>
            </li>`)}
      </ul>
      ${e.left_out_count > e.left_out.length ? C`<p dir="auto" class="line">${this.t("more", { count: e.left_out_count - e.left_out.length })}</p>` : T}
    </details>` : T;
	}
	mayApply(e, t) {
		return this.admin && !t && (e.totals.planned ?? 0) > 0 && Date.parse(e.expires_at) > Date.now();
	}
	choose(e) {
		let t = new Set(this.left);
		t.delete(e) || t.add(e), this.left = t;
	}
	chosen(e) {
		return e.steps.filter((e) => e.state === "planned" && !this.left.has(e.id));
	}
	foot(e, t) {
		if (!this.admin) return T;
		if (this.asking) return this.confirm(e, this.asking);
		if (t.running) return C`<button class="button" @click=${() => this.tell(e.paused ? "resume" : "pause")}>
          ${this.t(e.paused ? "resume" : "pause")}
        </button>
        <button class="button danger" @click=${() => this.tell("cancel")}>${this.t("cancel")}</button>`;
		if (!this.mayApply(e, t.running)) return (e.totals.planned ?? 0) > 0 ? C`<span dir="auto" class="line">${this.t("expired")}</span>` : T;
		let n = this.chosen(e).length;
		return C`<button
      class="button main"
      ?disabled=${this.busy || n === 0}
      @click=${() => this.asking = "apply"}
    >
      <bdi>${this.t("apply", { count: n })}</bdi>
    </button>`;
	}
	confirm(e, t) {
		let n = this.chosen(e), r = P(this.home, n.reduce((e, t) => e + (t.bytes ?? 0), 0));
		return C`<span class="question" role="alert"><bdi>${t === "apply" ? this.t("sure_apply", {
			count: n.length,
			bytes: r
		}) : this.t("sure_undo", { title: t.title })}</bdi></span>
      <button class="button danger" ?disabled=${this.busy} @click=${() => this.carryOut(e, t)}>
        ${this.t(t === "apply" ? "yes_apply" : "yes_undo")}
      </button>
      <button class="button" @click=${() => this.asking = void 0}>${this.t("back")}</button>`;
	}
	async carryOut(e, t) {
		this.asking = void 0;
		let n = this.entry ? { config_entry_id: this.entry } : {};
		if (t === "apply") {
			let t = this.left.size ? { steps: this.chosen(e).map((e) => e.id) } : {}, r = {
				type: "showrunner/plans/apply",
				...n,
				plan_id: e.plan_id,
				...t
			};
			await this.act((e) => e.callWS({
				...r,
				dry_run: !1,
				confirm: !0
			}));
		} else await this.action("undo", {
			ledger_id: t.ledger_id,
			dry_run: !1,
			confirm: !0
		});
		this.feed.refresh();
	}
	tell(e) {
		let t = this.entry ? { config_entry_id: this.entry } : {};
		return this.act((n) => n.callWS({
			type: `showrunner/plans/${e}`,
			...t,
			plan_id: this.planId
		}));
	}
	static {
		this.styles = [...pn.styles, o`
      .pad {
        padding: 0 16px 8px;
      }
      .made {
        padding-bottom: 0;
      }
      .step {
        display: flex;
        align-items: flex-start;
        gap: 12px;
        padding: 8px 16px;
        border-top: 1px solid var(--divider-color);
      }
      /* 44 px around a box of 20, up to the edges of its row. */
      .hit {
        flex: none;
        padding: 12px;
        margin: -8px -12px;
        cursor: pointer;
      }
      .hit input {
        display: block;
        width: 20px;
        height: 20px;
        margin: 0;
        accent-color: var(--primary-color);
      }
      details {
        flex: 1;
        min-width: 0;
      }
      summary {
        cursor: pointer;
      }
      .step summary {
        list-style: none;
      }
      .step summary::-webkit-details-marker {
        display: none;
      }
      .step summary .name::after {
        content: " ▾";
        color: var(--secondary-text-color);
      }
      .step details[open] summary .name::after {
        content: " ▴";
      }
      .step p {
        margin: 4px 0;
      }
      summary span {
        display: block;
      }
      .name,
      .line.full,
      summary .line {
        white-space: normal;
        overflow-wrap: anywhere;
      }
      .path {
        font-family: var(--ha-font-family-code, monospace);
      }
      .skipped .name,
      .cut .name {
        color: var(--secondary-text-color);
      }
      .out {
        padding: 6px 0;
      }
      .out span {
        display: block;
      }
      .question {
        flex: 1 1 100%;
      }
      .findings {
        font-size: var(--ha-font-size-s, 12px);
      }
    `];
	}
};
W([A()], bn.prototype, "planId", void 0), W([j()], bn.prototype, "left", void 0), W([j()], bn.prototype, "asking", void 0), bn = W([k("showrunner-plan")], bn);
// src/cards/title.ts
var xn = {
	tmdb: "TMDB",
	tvdb: "TVDB",
	imdb: "IMDb",
	anidb: "AniDB"
};
function Sn(e) {
	let [t = "", ...n] = e.split(":");
	return n.length ? `${xn[t] ?? t} ${n.join(":")}` : e;
}
var Cn = [
	"auto",
	"always",
	"ask",
	"never"
], wn = class extends pn {
	constructor(...e) {
		super(...e), this.about = "";
	}
	get feed() {
		return Pt(this.home.connection, this.entry, this.about);
	}
	feeds() {
		return [this.feed];
	}
	render() {
		if (!this.hass) return T;
		let e = this.feed.state.data, t = C`${this.notice(this.feed)}${e ? this.content(e) : T}`;
		return this.frame(e?.title ?? this.t("title"), t, e && this.admin ? this.foot(e) : T);
	}
	content(e) {
		let t = e.events.findLast((e) => e.decision)?.decision, n = e.events.findLast((e) => e.request)?.request;
		return C`
      <showrunner-poster kind="backdrop" .hass=${this.hass} .entry=${this.entry} .names=${J(e.media, e.ids)}></showrunner-poster>
      <div class="row top">
        <showrunner-poster style="--poster-width: 88px" .hass=${this.hass} .entry=${this.entry} .name=${e.title} .names=${J(e.media, e.ids)}></showrunner-poster>
        <div class="text">
          <p dir="auto" class="line full">${this.of("media", e.media)} · ${e.ids.map(Sn).join(" · ")}</p>
          ${n ? C`<p>${this.of("state", n.state)}</p>` : T}
          ${e.detail ? C`<p dir="auto" class="line full">${e.detail}</p>` : T}
          ${e.keeps.map((e) => C`<p dir="auto" class="badge">${this.kept(e)}</p>`)}
        </div>
      </div>
      ${t ? this.decided(t) : T}
      <h3>${this.t("story")}</h3>
      ${e.events.length === 0 ? C`<p dir="auto" class="note">${this.t("no_story")}</p>` : T}
      <ol>
        ${[...e.events].reverse().map((e) => this.event(e))}
      </ol>
      ${e.older ? C`<p dir="auto" class="note">${this.t("older")}</p>` : T}
    `;
	}
	kept(e) {
		let t = e.season === null ? "" : ` (${this.t("season", { number: e.season })})`, n = e.until ? I(this.home, new Date(e.until)) : this.t("for_ever");
		return `${this.t("kept")}${t}: ${n}`;
	}
	decided(e) {
		return C`<h3>${this.t("last_decision")}</h3>
      <div class="pad">
        <p><strong>${this.of("verdict", e.verdict)}</strong> · ${e.reason}</p>
        ${hn(this.home, e.findings ?? [])}
      </div>`;
	}
	event(e) {
		return C`<li>
      <time datetime=${e.at}>${I(this.home, new Date(e.at))}</time>
      <span>${this.told(e)}</span>
    </li>`;
	}
	told(e) {
		let t = Object.keys(e).find((e) => e !== "at") ?? "", n = e[t] ?? {}, r = this.of("event", t), i = this.parts(t, n).filter(Boolean).join(" · ");
		return i ? `${r}: ${i}` : r;
	}
	parts(e, t) {
		let n = (e) => String(t[e] ?? "");
		switch (e) {
			case "viewing": return [
				n("viewer"),
				n("device"),
				this.seen(t.completed === !0, t.percent)
			];
			case "decision": return [this.of("verdict", n("verdict")), n("reason")];
			case "change": {
				let e = Number(t.bytes_freed) > 0 ? P(this.home, Number(t.bytes_freed)) : "";
				return [
					this.of("action", n("action")),
					this.of("step", n("state")),
					e
				];
			}
			case "plan": return [this.of("job", n("job")), t.dry_run ? this.t("dry_run") : ""];
			case "request": return [n("requested_by"), this.of("state", n("state"))];
			case "request_event": return [this.of("request_event", n("kind")), n("detail")];
			case "keep": return [n("by"), n("why")];
			case "stop_keeping": return [n("by")];
			default: return [];
		}
	}
	seen(e, t) {
		return e ? this.t("watched") : typeof t == "number" ? F(this.home, t) : this.t("unknown");
	}
	foot(e) {
		return C`
      <label>
        <span dir="auto" class="line">${this.t("override")}</span>
        <select ?disabled=${this.busy} @change=${(e) => this.override(e)}>
          ${Cn.map((t) => C`<option value=${t} ?selected=${t === e.override}>${this.of("policy", t)}</option>`)}
        </select>
      </label>
      ${this.button(e.keeps.length ? "stop_keeping" : "keep")}
      ${e.media === "movie" ? C`<button class="button" ?disabled=${this.busy} @click=${() => this.decide()}>
              ${this.t("decide_now")}
            </button>` : T}
    `;
	}
	button(e) {
		return C`<button class="button" ?disabled=${this.busy} @click=${() => this.change(e, {})}>
      ${this.t(e)}
    </button>`;
	}
	async change(e, t) {
		await this.action(e, {
			title: this.about,
			...t
		}) && this.feed.refresh();
	}
	async override(e) {
		await this.change("set_override", { policy: e.target.value });
	}
	async decide() {
		await this.change("decide", { execute: !0 });
	}
	static {
		this.styles = [...pn.styles, o`
      .top {
        align-items: flex-start;
      }
      [shown] + .top showrunner-poster {
        margin-top: -72px;
        position: relative;
      }
      .top p,
      .pad p {
        margin: 0 0 6px;
      }
      .pad {
        padding: 0 16px 8px;
      }
      .line.full {
        white-space: normal;
        overflow-wrap: anywhere;
      }
      ol {
        list-style: none;
        margin: 0;
        padding: 0 16px 16px;
      }
      ol li {
        display: flex;
        gap: 12px;
        padding-block: 6px;
        padding-inline-start: 12px;
        border-inline-start: 2px solid var(--divider-color);
        overflow-wrap: anywhere;
      }
      ol li > span {
        flex: 1;
        min-width: 0;
      }
      time {
        flex: none;
        width: 136px;
        color: var(--secondary-text-color);
        font-size: var(--ha-font-size-s, 12px);
        padding-top: 2px;
      }
      .foot select {
        height: 36px;
        border: 1px solid var(--divider-color);
        border-radius: var(--ha-border-radius-md, 8px);
        background: var(--card-background-color);
        padding: 0 8px;
      }
      .foot label {
        display: flex;
        gap: 8px;
        align-items: center;
      }
      .foot {
        align-items: center;
      }
    `];
	}
};
W([A()], wn.prototype, "about", void 0), wn = W([k("showrunner-title")], wn);
// src/cards/leaving.ts
var Tn = 30;
function En(e, t) {
	let n = /* @__PURE__ */ new Map();
	for (let r of [...e].sort((e, t) => e.leaves_at.localeCompare(t.leaves_at))) {
		let e = t(new Date(r.leaves_at));
		n.set(e, [...n.get(e) ?? [], r]);
	}
	return [...n];
}
var Dn = /* @__PURE__ */ new Set([
	"download",
	"delete_request",
	"undo",
	"torrents"
]), On = (e, t) => (e.totals.planned ?? 0) > 0 && !e.waiting && Date.parse(e.expires_at) > t;
function kn(e, t = Date.now()) {
	let n = e.filter((e) => e.running || (e.waiting ?? 0) > 0), r = /* @__PURE__ */ new Set(), i = e.filter((e) => n.includes(e) || r.has(e.job) ? !1 : (Dn.has(e.job) || r.add(e.job), On(e, t))), a = [...n, ...i];
	return [a, e.filter((e) => !a.includes(e))];
}
var An = class extends K {
	static getConfigForm() {
		return Wt({
			name: "plans",
			selector: { boolean: {} }
		});
	}
	static getStubConfig() {
		return { plans: !0 };
	}
	get feed() {
		return Et(this.home.connection, this.entry);
	}
	get plans() {
		return Dt(this.home.connection, this.entry);
	}
	get showsPlans() {
		return this.config?.plans !== !1;
	}
	feeds() {
		return this.showsPlans ? [this.feed, this.plans] : [this.feed];
	}
	render() {
		if (!this.hass || !this.config) return T;
		let { data: e } = this.feed.state;
		return C`<ha-card role="region" aria-label=${this.heading("leaving")}>
        ${this.head("leaving", e?.count ? C`<span dir="auto" class="badge">${this.summed(e.leaving ?? [], e.count)}</span>` : T)}
        ${this.complaint()} ${this.notice(this.feed)}
        <div class="scroll">
          ${this.showsPlans ? this.planList() : T} ${e ? this.list(e.leaving, e.count) : T}
        </div>
      </ha-card>
      ${this.dialog()}
      ${this.plan ? C`<showrunner-plan
              .hass=${this.hass}
              .entryId=${this.entry}
              .planId=${this.plan}
              @closed=${() => this.planClosed()}
            ></showrunner-plan>` : T}`;
	}
	planClosed() {
		this.plan = void 0, this.plans.refresh(), this.feed.refresh();
	}
	summed(e, t) {
		let n = e.reduce((e, t) => e + (t.bytes ?? 0), 0), r = this.t("count", {
			count: t,
			number: N(this.home, t)
		});
		return n ? `${r} · ${P(this.home, n)}` : r;
	}
	list(e, t) {
		if (e === null) return C`<p dir="auto" class="note">${this.t("nobody_looked")}</p>`;
		if (e.length === 0) return C`<p dir="auto" class="note">${this.t("nothing_leaves")}</p>`;
		let n = (t ?? 0) - e.length;
		return C`${En(e, (e) => nt(this.home, e)).map(([e, t]) => C`<h3 id="day-${e}">${rt(this.home, new Date(t[0]?.leaves_at ?? e))}</h3>
          <ul aria-labelledby="day-${e}">
            ${t.map((e) => this.row(e))}
          </ul>`)}
    ${n > 0 ? C`<p dir="auto" class="note">${this.t("more", { count: n })}</p>` : T}`;
	}
	row(e) {
		let t = [e.season === null ? "" : this.t("season", { number: e.season }), e.bytes === null ? this.t("size_unknown") : P(this.home, e.bytes)];
		return C`<li class="row">
      <button class="open" @click=${() => this.look(B(e))}>
        <showrunner-poster .hass=${this.hass} .entry=${this.entry} .name=${e.title} .names=${J(e.media, e.ids)}></showrunner-poster>
        <span class="text">
          <span dir="auto" class="name">${e.title}</span>
          <span dir="auto" class="line">${t.filter(Boolean).join(" · ")}</span>
          ${e.reasons.length ? C`<span dir="auto" class="line why">${at(this.home, e.reasons.join(" "))}</span>` : T}
        </span>
      </button>
      ${this.admin ? C`<span class="actions">
              <button
                class="button"
                ?disabled=${this.busy}
                aria-label=${this.t("postpone_title", {
			title: e.title,
			count: Tn
		})}
                @click=${() => this.keep(e, Tn)}
              >
                <bdi>${this.t("postpone", { count: Tn })}</bdi>
              </button>
              <button
                class="button main"
                ?disabled=${this.busy}
                aria-label=${this.t("keep_title", { title: e.title })}
                @click=${() => this.keep(e)}
              >
                ${this.t("keep")}
              </button>
            </span>` : T}
    </li>`;
	}
	async keep(e, t) {
		let n = e.season === null ? {} : { season: e.season }, r = B(e);
		r && await this.action(t ? "postpone" : "keep", {
			title: r,
			...n,
			...t ? { days: t } : {}
		}) && this.feed.refresh();
	}
	planList() {
		let { data: e } = this.plans.state;
		if (!e) return this.notice(this.plans);
		if (e.plans.length === 0) return C`<p dir="auto" class="note">${this.t("no_plans")}</p>`;
		let [t, n] = kn(e.plans);
		return C`${t.length ? C`<ul class="first" aria-label=${this.t("plans")}>
            ${t.map((e) => this.firstRow(e))}
          </ul>` : T}
    ${n.length ? C`<details>
            <summary><bdi>${this.t("earlier_plans", { count: n.length })}</bdi></summary>
            <ul>
              ${n.map((e) => this.planRow(e))}
            </ul>
          </details>` : T}`;
	}
	firstRow(e) {
		let { totals: t } = e, n = e.running || (e.waiting ?? 0) > 0, r = (t.done ?? 0) + (t.skipped ?? 0) + (t.failed ?? 0), i = r + (t.planned ?? 0), a = n ? i : t.planned ?? 0, o = N(this.home, a), s = [n ? this.t("steps_of", {
			done: N(this.home, r),
			all: o
		}) : this.t("steps", {
			count: a,
			number: o
		}), t.bytes ? P(this.home, t.bytes) : ""], c = n ? e.paused ? "paused" : "running" : this.admin ? "waits_for_you" : "waits";
		return C`<li class="row">
      <button class="open" @click=${() => this.plan = e.plan_id}>
        <span class="text">
          <span dir="auto" class="name">${this.of("job", e.job)}</span>
          <span dir="auto" class="line">${s.filter(Boolean).join(" · ")}</span>
        </span>
        <span dir="auto" class="badge">${this.t(c)}</span>
      </button>
    </li>`;
	}
	planRow(e) {
		let t = (e.titles ?? []).slice(0, 3).join(", "), n = (e.title_count ?? 0) - 3, r = [
			"planned",
			"done",
			"skipped",
			"failed"
		].filter((t) => e.totals[t]).map((t) => `${this.of("step", t)}: ${N(this.home, e.totals[t] ?? 0)}`), i = e.totals.bytes_freed || e.totals.bytes, a = [...r, i ? P(this.home, i) : ""].filter(Boolean).join(" · ");
		return C`<li class="row">
      <button class="open" @click=${() => this.plan = e.plan_id}>
        <span class="text">
          <span dir="auto" class="name">${this.of("job", e.job)}</span>
          <span dir="auto" class="line">${t}${n > 0 ? ` +${n}` : ""}</span>
          <span dir="auto" class="line ${e.totals.failed ? "warn" : ""}">${a || this.t("no_steps")}</span>
        </span>
        <span class="side">
          ${L(this.home, new Date(e.created_at))}<br />
          ${e.dry_run ? C`<span dir="auto" class="badge">${this.t("dry_run")}</span>` : T}
        </span>
      </button>
    </li>`;
	}
	static {
		this.styles = [...K.styles, o`
      .scroll {
        max-height: 640px;
        padding-bottom: 8px;
      }
      .text > span {
        display: block;
      }
      .row {
        flex-wrap: wrap;
      }
      .open {
        align-items: flex-start;
        flex-basis: 200px;
      }
      .row > .actions {
        margin-inline-start: auto;
      }
      .first .row {
        background: var(--secondary-background-color);
        margin-bottom: 4px;
      }
      .first .open {
        align-items: center;
      }
      .first .badge {
        background: var(--card-background-color);
      }
      details {
        padding-bottom: 4px;
      }
      summary {
        cursor: pointer;
        padding: 8px 16px;
        color: var(--secondary-text-color);
        font-size: var(--ha-font-size-m, 14px);
        font-weight: var(--ha-font-weight-medium, 500);
      }
      .why {
        white-space: normal;
        overflow-wrap: anywhere;
      }
    `];
	}
};
W([j()], An.prototype, "plan", void 0), An = W([k("showrunner-leaving-card")], An);
// src/cards/now.ts
var jn = 5, Mn = class extends K {
	constructor(...e) {
		super(...e), this.second = 0;
	}
	static getConfigForm() {
		return Wt({
			name: "history",
			selector: { boolean: {} }
		});
	}
	static getStubConfig() {
		return { history: !0 };
	}
	get feed() {
		return Ct(this.home.connection, this.entry);
	}
	get decisions() {
		return At(this.home.connection, this.entry);
	}
	get viewings() {
		return jt(this.home.connection, this.entry);
	}
	get showsHistory() {
		return this.config?.history !== !1;
	}
	feeds() {
		return this.showsHistory ? [
			this.feed,
			this.decisions,
			this.viewings
		] : [this.feed];
	}
	disconnectedCallback() {
		super.disconnectedCallback(), clearInterval(this.clock), this.clock = void 0;
	}
	updated() {
		let e = this.hass && this.config ? this.feed.state.data : void 0, t = this.isConnected && e?.available && e.streams.some((e) => !e.paused);
		t && !this.clock && (this.clock = setInterval(() => this.second++, 1e3)), !t && this.clock && (clearInterval(this.clock), this.clock = void 0);
	}
	render() {
		if (!this.hass || !this.config) return T;
		let { data: e } = this.feed.state;
		return C`<ha-card role="region" aria-label=${this.heading("now")} data-second=${this.second}>
        ${this.head("now")} ${this.notice(this.feed, e?.available)}
        <div class="scroll">
          ${e?.available ? this.streams(e) : T}
          ${this.showsHistory ? C`${this.watched()}${this.decided()}` : T}
        </div>
      </ha-card>
      ${this.dialog()}`;
	}
	streams(e) {
		let t = e.others > 0 ? C`<p dir="auto" class="note">${this.t("others", { count: e.others })}</p>` : T;
		return e.streams.length === 0 ? C`${t === T ? C`<p dir="auto" class="note">${this.t("nobody")}</p>` : t}` : C`<ul aria-label=${this.t("now")}>
        ${e.streams.map((t) => this.stream(t, e))}
      </ul>
      ${t}`;
	}
	stream(e, t) {
		let n = bt(e, t, performance.now()), r = n !== null && e.runtime ? Math.min(100, n / e.runtime * 100) : null, i = e.watching.length ? e.watching.join(", ") : e.viewer ?? this.t("somebody");
		return C`<li class="row">
      <button class="open" @click=${() => this.look(e.item_id)}>
        <showrunner-poster style="--poster-width: 56px" .hass=${this.hass} .entry=${this.entry} .name=${e.title} .names=${en(e.item_id)}></showrunner-poster>
        <span class="text">
          <span dir="auto" class="name">${e.title}</span>
          <span dir="auto" class="line">${[
			i,
			e.device,
			e.client
		].filter(Boolean).join(" · ")}</span>
          <span dir="auto" class="line ${this.converted(e) ? "warn" : ""}">${this.how(e)}</span>
          <span
            class="bar"
            role="progressbar"
            aria-label=${this.t("progress")}
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=${r === null ? T : Math.floor(r)}
            aria-valuetext=${r === null ? this.t("unknown") : F(this.home, r)}
            ><i style="width:${r ?? 0}%"></i
          ></span>
        </span>
        <span class="side">
          ${n === null ? this.t("unknown") : $e(n)}${e.runtime ? C`<br />${$e(e.runtime)}` : T}
          ${e.paused ? C`<br /><span dir="auto" class="badge">${this.t("paused")}</span>` : T}
        </span>
      </button>
    </li>`;
	}
	converted(e) {
		return e.method === "transcode";
	}
	how(e) {
		let t = [this.of("method", e.method)];
		for (let [n, r] of Object.entries(e.reasons)) t.push(`${this.of("part", n)}: ${r.map(Nn).join(", ")}`);
		return e.bitrate && t.push(Ze(this.home, e.bitrate)), t.join(" · ");
	}
	watched() {
		let { data: e, failure: t } = this.viewings.state;
		return t?.code === "unauthorized" || !e ? T : C`<h3 id="watched">${this.t("last_viewings")}</h3>
      ${e.viewings.length === 0 ? C`<p dir="auto" class="note">${this.t("no_viewings")}</p>` : T}
      <ul aria-labelledby="watched">
        ${e.viewings.slice(0, jn).map((e) => this.viewing(e))}
      </ul>`;
	}
	viewing(e) {
		let t = e.completed ? this.t("watched") : e.percent === null ? this.t("unknown") : F(this.home, e.percent);
		return C`<li class="row">
      <button class="open" @click=${() => this.look(B(e) ?? e.jellyfin_item_id)}>
        <showrunner-poster .hass=${this.hass} .entry=${this.entry} .name=${e.title} .names=${e.ids.length ? J(e.media, e.ids) : en(e.jellyfin_item_id)}></showrunner-poster>
        <span class="text">
          <span dir="auto" class="name">${e.title}</span>
          <span dir="auto" class="line">${e.viewer} · ${e.device}</span>
        </span>
        <span class="side">${t}<br />${L(this.home, new Date(e.ended_at))}</span>
      </button>
    </li>`;
	}
	decided() {
		let { data: e, failure: t } = this.decisions.state;
		return t?.code === "unauthorized" || !e ? T : C`<h3 id="decided">${this.t("last_decisions")}</h3>
      ${e.decisions.length === 0 ? C`<p dir="auto" class="note">${this.t("no_decisions")}</p>` : T}
      <ul aria-labelledby="decided">
        ${e.decisions.slice(0, jn).map((e) => this.decision(e))}
      </ul>`;
	}
	decision(e) {
		return C`<li class="row">
      <button class="open" @click=${() => this.look(B(e) ?? e.title)}>
        <showrunner-poster .hass=${this.hass} .entry=${this.entry} .name=${e.title} .names=${J(e.media ?? "", e.ids ?? [])}></showrunner-poster>
        <span class="text">
          <span dir="auto" class="name">${e.title}</span>
          <span dir="auto" class="line full">${e.reason}</span>
        </span>
        <span class="side">
          <span dir="auto" class="badge">${this.of("verdict", e.verdict)}</span><br />${L(this.home, new Date(e.decided_at))}
        </span>
      </button>
    </li>`;
	}
	static {
		this.styles = [...K.styles, o`
      .scroll {
        padding-bottom: 8px;
      }
      .text > span {
        display: block;
      }
      .line.full {
        white-space: normal;
      }
      .bar {
        margin-top: 6px;
      }
    `];
	}
};
W([j()], Mn.prototype, "second", void 0), Mn = W([k("showrunner-now-card")], Mn);
function Nn(e) {
	let t = e.replace(/([a-z0-9])([A-Z])/g, "$1 $2");
	return t.charAt(0) + t.slice(1).toLowerCase();
}
// node_modules/lit-html/directive.js
var Pn = {
	ATTRIBUTE: 1,
	CHILD: 2,
	PROPERTY: 3,
	BOOLEAN_ATTRIBUTE: 4,
	EVENT: 5,
	ELEMENT: 6
}, Fn = (e) => (...t) => ({
	_$litDirective$: e,
	values: t
}), In = class {
	constructor(e) {}
	get _$AU() {
		return this._$AM._$AU;
	}
	_$AT(e, t, n) {
		this._$Ct = e, this._$AM = t, this._$Ci = n;
	}
	_$AS(e, t) {
		return this.update(e, t);
	}
	update(e, t) {
		return this.render(...t);
	}
}, { I: Ln } = Fe, Rn = (e) => e, zn = () => document.createComment(""), Bn = (e, t, n) => {
	let r = e._$AA.parentNode, i = t === void 0 ? e._$AB : t._$AA;
	if (n === void 0) n = new Ln(r.insertBefore(zn(), i), r.insertBefore(zn(), i), e, e.options);
	else {
		let t = n._$AB.nextSibling, a = n._$AM, o = a !== e;
		if (o) {
			let t;
			n._$AQ?.(e), n._$AM = e, n._$AP !== void 0 && (t = e._$AU) !== a._$AU && n._$AP(t);
		}
		if (t !== i || o) {
			let e = n._$AA;
			for (; e !== t;) {
				let t = Rn(e).nextSibling;
				Rn(r).insertBefore(e, i), e = t;
			}
		}
	}
	return n;
}, X = (e, t, n = e) => (e._$AI(t, n), e), Vn = {}, Hn = (e, t = Vn) => e._$AH = t, Un = (e) => e._$AH, Wn = (e) => {
	e._$AR(), e._$AA.remove();
}, Gn = (e, t, n) => {
	let r = /* @__PURE__ */ new Map();
	for (let i = t; i <= n; i++) r.set(e[i], i);
	return r;
}, Kn = Fn(class extends In {
	constructor(e) {
		if (super(e), e.type !== Pn.CHILD) throw Error("repeat() can only be used in text expressions");
	}
	dt(e, t, n) {
		let r;
		n === void 0 ? n = t : t !== void 0 && (r = t);
		let i = [], a = [], o = 0;
		for (let t of e) i[o] = r ? r(t, o) : o, a[o] = n(t, o), o++;
		return {
			values: a,
			keys: i
		};
	}
	render(e, t, n) {
		return this.dt(e, t, n).values;
	}
	update(e, [t, n, r]) {
		let i = Un(e), { values: a, keys: o } = this.dt(t, n, r);
		if (!Array.isArray(i)) return this.ut = o, a;
		let s = this.ut ??= [], c = [], l, u, d = 0, f = i.length - 1, p = 0, m = a.length - 1;
		for (; d <= f && p <= m;) if (i[d] === null) d++;
		else if (i[f] === null) f--;
		else if (s[d] === o[p]) c[p] = X(i[d], a[p]), d++, p++;
		else if (s[f] === o[m]) c[m] = X(i[f], a[m]), f--, m--;
		else if (s[d] === o[m]) c[m] = X(i[d], a[m]), Bn(e, c[m + 1], i[d]), d++, m--;
		else if (s[f] === o[p]) c[p] = X(i[f], a[p]), Bn(e, i[d], i[f]), f--, p++;
		else if (l === void 0 && (l = Gn(o, p, m), u = Gn(s, d, f)), l.has(s[d])) {
			if (l.has(s[f])) {
				let t = u.get(o[p]), n = t === void 0 ? null : i[t];
				if (n === null) {
					let t = Bn(e, i[d]);
					X(t, a[p]), c[p] = t;
				} else c[p] = X(n, a[p]), Bn(e, i[d], n), i[t] = null;
				p++;
			} else Wn(i[f]), f--;
		} else Wn(i[d]), d++;
		for (; p <= m;) {
			let t = Bn(e, c[m + 1]);
			X(t, a[p]), c[p++] = t;
		}
		for (; d <= f;) {
			let e = i[d++];
			e !== null && Wn(e);
		}
		return this.ut = o, Hn(e, c), w;
	}
}), qn = 6;
function Jn(e, t, n, r) {
	let i = Math.max(0, Math.min(n, e * t - r));
	return {
		first: Math.max(0, Math.floor(i / t) - qn),
		last: Math.min(e, Math.ceil((i + r) / t) + qn)
	};
}
// src/cards/requests.ts
var Yn = window.matchMedia?.("(pointer: coarse)").matches ?? !1, Z = Yn ? 108 : 84, Xn = (Yn ? 5.5 : 7.5) * Z, Zn = 250, Qn = 150, $n = 200, er = [
	"requested",
	"approved",
	"grabbing",
	"downloading",
	"importing",
	"available"
], tr = [
	"requested",
	"approved",
	"grabbing",
	"downloading",
	"importing",
	"anime_matching",
	"available"
], nr = {
	downloaded: "importing",
	failed: "grabbing"
}, rr = /* @__PURE__ */ new Set([
	"no_seeds",
	"disk_full",
	"download_error",
	"not_matched",
	"client_unavailable",
	"not_moving"
]), ir = (e) => e.stuck !== null && e.stuck.reason !== "waiting_for_approval";
function ar(e) {
	let t = e.anime ? tr : er;
	return {
		stages: t,
		at: t.indexOf(nr[e.state] ?? e.state)
	};
}
var Q = class extends K {
	constructor(...e) {
		super(...e), this.search = "", this.scrolled = 0, this.done = "", this.height = 0, this.framed = !1, this.drawn = /* @__PURE__ */ new Map(), this.asked = [0], this.moved = (e) => {
			let t = e.currentTarget;
			this.framed || (this.framed = !0, requestAnimationFrame(() => {
				this.framed = !1, this.height = t.clientHeight, this.scrolled = t.scrollTop;
			}));
		};
	}
	static getConfigForm() {
		return Wt({
			name: "show",
			selector: { select: {
				options: [
					"all",
					"stuck",
					"requested"
				].map((e) => ({
					value: e,
					label: H(U(), "show", e)
				})),
				mode: "dropdown"
			} }
		});
	}
	static getStubConfig() {
		return {};
	}
	get shows() {
		return this.show ?? this.config.show ?? "all";
	}
	page(e) {
		return St(this.home.connection, this.entry, this.shows, this.search, e);
	}
	inView(e) {
		return Jn(e, Z, this.scrolled, this.height || Xn);
	}
	get pages() {
		let { first: e, last: t } = this.inView(this.counted?.total ?? 0), n = Math.floor(e / 40), r = Math.max(n, Math.ceil(t / 40) - 1);
		return Array.from({ length: r - n + 1 }, (e, t) => n + t);
	}
	feeds() {
		return this.asked.map((e) => this.page(e));
	}
	willUpdate(e) {
		this.hass && this.config && (this.count(), this.ask()), super.willUpdate(e);
	}
	ask() {
		let { pages: e } = this;
		this.resting || e.join() === this.asked.join() || (this.asked = e, this.resting = setTimeout(() => {
			this.resting = void 0, this.requestUpdate();
		}, Qn));
	}
	count() {
		let e = this.feeds().flatMap((e) => e.state.data ?? []);
		this.counted = e.find((e) => e.available) ?? e[0] ?? this.counted;
	}
	disconnectedCallback() {
		super.disconnectedCallback(), clearTimeout(this.typed), clearTimeout(this.resting), this.resting = void 0;
	}
	render() {
		if (!this.hass || !this.config) return T;
		let { counted: e } = this, t = this.feeds(), n = t.find((e) => e.state.failure) ?? t[0];
		if (!n) return T;
		let { data: r, current: i, failure: a } = n.state, o = !r && !a && e !== void 0 && this.home.connection.connected;
		return C`<ha-card role="region" aria-label=${this.heading("requests")}>
        ${this.head("requests", C`<span dir="auto" class="badge" role="status">${this.summary(e)}</span>`)}
        ${e?.known || this.search ? this.tools() : T}
        ${this.complaint()}
        <div role="status">${this.done ? C`<p dir="auto" class="note">${this.done}</p>` : T}</div>
        ${o ? T : this.notice(n, r?.available)}
        ${r?.available && r.total === 0 ? this.empty(r) : T}
        ${e?.total ? this.scroller(e.total, i && r?.available === !0) : T}
      </ha-card>
      ${this.dialog()}`;
	}
	summary(e) {
		let { total: t, stuck: n } = e ?? {
			total: 0,
			stuck: 0
		}, r = this.t("count", {
			count: t,
			number: N(this.home, t)
		});
		return n ? `${r} · ${this.t("count_stuck", { count: n })}` : r;
	}
	empty(e) {
		return C`<p dir="auto" class="note">${this.t(e.known ? "nothing_matches" : "no_requests")}</p>`;
	}
	tools() {
		return C`<div class="tools">
      <input
        type="search"
        placeholder=${this.t("search")}
        aria-label=${this.t("search")}
        @input=${(e) => this.type(e.target.value)}
      />
      <select
        aria-label=${this.t("show")}
        @change=${(e) => this.lookFor({ show: e.target.value })}
      >
        ${[
			"all",
			"stuck",
			...tr,
			"failed"
		].map((e) => C`<option value=${e} ?selected=${e === this.shows}>${this.of("show", e)}</option>`)}
      </select>
    </div>`;
	}
	type(e) {
		clearTimeout(this.typed), this.typed = setTimeout(() => this.lookFor({ search: e.trim().slice(0, $n) }), Zn);
	}
	lookFor({ search: e = this.search, show: t = this.show }) {
		this.search = e, this.show = t, this.scrolled = 0, this.asked = [0];
		let n = this.renderRoot.querySelector(".scroll");
		n && (n.scrollTop = 0);
	}
	scroller(e, t) {
		let { first: n, last: r } = this.inView(e), i = new Map(this.asked.map((e) => [e, this.page(e).state.data?.rows])), a = [...i.values()].some((e) => e !== void 0), o = /* @__PURE__ */ new Set(), s = Array.from({ length: r - n }, (e, t) => {
			let r = n + t, s = a ? i.get(Math.floor(r / 40))?.[r % 40] : this.drawn.get(r);
			return !s || o.has(s.request_id) ? {
				at: r,
				id: `row ${t}`
			} : (o.add(s.request_id), {
				at: r,
				id: s.request_id,
				one: s
			});
		});
		return this.drawn = new Map(s.flatMap(({ at: e, one: t }) => t ? [[e, t]] : [])), C`<div class="scroll ${t ? "" : "old"}" @scroll=${this.moved}>
      <ul style="height:${e * Z}px" aria-label=${this.t("requests")}>
        ${Kn(s, ({ id: e }) => e, ({ one: t, at: n }) => t ? this.row(t, n, e) : this.awaited(n, e))}
      </ul>
    </div>`;
	}
	awaited(e, t) {
		return C`<li
      class="row"
      style="top:${e * Z}px"
      aria-setsize=${t}
      aria-posinset=${e + 1}
      aria-busy="true"
    >
      <span class="frame"></span><span dir="auto" class="line">${this.t("loading")}</span>
    </li>`;
	}
	row(e, t, n) {
		return C`<li
      class="row"
      style="top:${t * Z}px"
      aria-setsize=${n}
      aria-posinset=${t + 1}
      data-id=${e.request_id}
    >
      <button class="open" @click=${() => this.look(B(e))}>
        <showrunner-poster .hass=${this.hass} .entry=${this.entry} .name=${e.title} .names=${J(e.media, e.ids)}></showrunner-poster>
        <span class="text">
          <span dir="auto" class="name">${e.title}${e.year ? C` <span class="year">(${e.year})</span>` : T}</span>
          <span dir="auto" class="line">${this.asker(e)}</span>
          ${this.stepper(e)}
          <span dir="auto" class="line ${ir(e) ? "warn" : ""}" title=${e.stuck?.message || T}
            >${this.standing(e)}</span
          >
        </span>
      </button>
      ${this.buttons(e)}
    </li>`;
	}
	asker(e) {
		let t = [e.requested_by, L(this.home, new Date(e.requested_at))];
		return e.is_4k && t.push("4K"), t.filter(Boolean).join(" · ");
	}
	standing(e) {
		if (e.stuck) {
			let t = L(this.home, new Date(e.stuck.since));
			return [
				this.of("stuck", e.stuck.reason),
				t,
				e.stuck.message
			].filter(Boolean).join(" · ");
		}
		let t = [this.of(e.stage ? "stage" : "state", e.stage ?? e.state)];
		e.state === "downloading" && e.progress !== null && t.push(F(this.home, e.progress)), e.eta !== null && t.push(this.t("left", { time: Qe(this.home, e.eta) }));
		let n = Object.values(e.episodes).reduce((e, t) => e + t, 0);
		return n > 1 && t.push(this.t("episodes", {
			done: e.episodes.available ?? 0,
			all: n
		})), t.join(" · ");
	}
	stepper(e) {
		let { stages: t, at: n } = ar(e), r = this.t("step_of", {
			step: this.of("state", e.state),
			at: n + 1,
			all: t.length
		});
		return C`<span class="steps ${ir(e) || e.state === "failed" ? "warn" : ""}" role="img" aria-label=${r}>
      ${t.map((t, r) => {
			let i = r < n || e.state === "available", a = r === n && t === "downloading" ? e.progress ?? 0 : r === n ? 50 : 0;
			return C`<i><b style="width:${i ? 100 : a}%"></b></i>`;
		})}
    </span>`;
	}
	buttons(e) {
		if (!this.admin) return T;
		if (e.state === "requested") return C`<span class="decide">
        <button
          class="button main"
          ?disabled=${this.busy}
          aria-label=${this.t("approve_title", { title: e.title })}
          @click=${() => this.decide("approve", e)}
        >
          ${this.t("approve")}
        </button>
        <button
          class="button"
          ?disabled=${this.busy}
          aria-label=${this.t("decline_title", { title: e.title })}
          @click=${() => this.decide("decline", e)}
        >
          ${this.t("decline")}
        </button>
      </span>`;
		if (!ir(e) || !e.stuck) return T;
		let { mending: t, reason: n } = e.stuck;
		if (t) {
			let n = this.of("mend", t);
			return C`<button
        class="button"
        ?disabled=${this.busy}
        aria-label="${n}: ${e.title}"
        @click=${() => this.mend(e, t)}
      >
        ${n}
      </button>`;
		}
		return rr.has(n) ? C`<a class="button" href="/config/repairs" aria-label=${this.t("repair_title", { title: e.title })}
      >${this.t("repair")}</a
    >` : T;
	}
	async mend(e, t) {
		this.done = "", await this.decide("mend", e) && (this.done = `${e.title}: ${this.of("mended", t)}`);
	}
	decide(e, t) {
		let n = this.entry ? { config_entry_id: this.entry } : {}, r = {
			type: `showrunner/requests/${e}`,
			...n,
			request_id: t.request_id
		};
		return this.act((e) => e.callWS(r));
	}
	updated() {
		let e = this.renderRoot.querySelector(".scroll");
		e && e.clientHeight !== this.height && (this.height = e.clientHeight, this.requestUpdate());
	}
	static {
		this.styles = [...K.styles, o`
      .tools {
        display: flex;
        gap: 8px;
        padding: 0 16px 8px;
      }
      .tools input {
        flex: 1;
        min-width: 0;
      }
      .tools :is(input, select) {
        height: 40px;
        padding: 0 12px;
        border: 1px solid var(--divider-color);
        border-radius: var(--ha-border-radius-md, 8px);
        background: var(--card-background-color);
        max-width: 100%;
      }
      .tools select {
        width: 40%;
        max-width: 200px;
      }
      .scroll {
        max-height: ${Xn}px;
      }
      ul {
        position: relative;
      }
      .row {
        position: absolute;
        inset-inline: 0;
        height: ${Z}px;
        contain: strict;
      }
      .frame {
        width: 44px;
        aspect-ratio: 2 / 3;
        border-radius: var(--ha-border-radius-sm, 4px);
        background: var(--secondary-background-color);
      }
      .text > span {
        display: block;
      }
      .year {
        color: var(--secondary-text-color);
        font-weight: normal;
      }
      .steps {
        display: flex !important;
        gap: 3px;
        margin: 4px 0;
        max-width: 480px;
      }
      .steps i {
        flex: 1;
        height: 5px;
        border-radius: 3px;
        background: var(--divider-color);
        overflow: hidden;
      }
      .steps b {
        display: block;
        height: 100%;
        background: var(--primary-color);
      }
      .steps.warn b {
        background: var(--error-color);
      }
      .decide {
        display: flex;
        flex-direction: column;
        gap: 4px;
      }
      .decide .button {
        min-height: ${Yn ? 44 : 34}px;
        text-align: center;
      }
      .row > .button {
        max-width: 34%;
        text-align: center;
        white-space: normal;
      }
      a.button {
        display: inline-flex;
        align-items: center;
        text-decoration: none;
      }
    `];
	}
};
W([j()], Q.prototype, "search", void 0), W([j()], Q.prototype, "show", void 0), W([j()], Q.prototype, "scrolled", void 0), W([j()], Q.prototype, "done", void 0), Q = W([k("showrunner-requests-card")], Q);
// src/cards/seedbox.ts
var or = [
	"torrents",
	"seeding",
	"downloading",
	"paused",
	"errors",
	"ratio",
	"purgeable_size"
], sr = 5, cr = class extends K {
	constructor(...e) {
		super(...e), this.stood = "";
	}
	static getConfigForm() {
		return Wt({
			name: "transfers",
			selector: { boolean: {} }
		}, {
			name: "purge",
			selector: { boolean: {} }
		});
	}
	static getStubConfig() {
		return {
			transfers: !0,
			purge: !0
		};
	}
	get feed() {
		return wt(this.home.connection, this.entry);
	}
	get showsTransfers() {
		return this.config?.transfers !== !1;
	}
	get plans() {
		return Ot(this.home.connection, this.entry);
	}
	get outlook() {
		return kt(this.home.connection, this.entry);
	}
	get showsPurge() {
		return this.config?.purge !== !1 && this.clients.length > 0;
	}
	get clients() {
		return ln(this.home, this.entry, "used_percent");
	}
	rates(e) {
		let t = ["download_rate", "upload_rate"].flatMap((t) => e.get(t) ?? []);
		return t.length ? Lt(this.home.connection, t) : void 0;
	}
	feeds() {
		let e = this.clients.flatMap((e) => this.rates(e.entities) ?? []);
		return [
			...this.showsTransfers ? [this.feed] : [],
			...this.showsTransfers && this.admin ? [this.plans] : [],
			...this.clients.length ? [this.outlook] : [],
			...e
		];
	}
	shown(e) {
		let t = this.clients.flatMap((e) => [...e.entities.values()]);
		return [
			...super.shown(e),
			e.entities,
			...t.map((t) => e.states[t])
		];
	}
	render() {
		if (!this.hass || !this.config) return T;
		let { clients: e } = this, { data: t } = this.feed.state;
		return C`<ha-card role="region" aria-label=${this.heading("seedbox")}>
      ${this.head("seedbox")} ${this.complaint()}
      <div class="scroll">
        ${e.length === 0 ? C`<p dir="auto" class="note">${this.t("no_client")}</p>` : T}
        ${e.map((e) => this.client(e.id, e.name, e.entities))}
        ${this.showsPurge ? this.purge() : T}
        ${this.showsTransfers ? C`<h3 id="transfers">${this.t("transfers")}</h3>
                ${this.notice(this.feed, t?.available)} ${t?.available ? this.control() : T}
                ${t?.available && t.transfers.length === 0 ? C`<p dir="auto" class="note">${this.t("no_transfers")}</p>` : T}
                <ul aria-labelledby="transfers">
                  ${(t?.transfers ?? []).map((e) => this.transfer(e))}
                </ul>` : T}
      </div>
    </ha-card>`;
	}
	value(e) {
		let t = e === void 0 ? void 0 : this.home.states[e]?.state, n = t === void 0 || t === "" ? NaN : Number(t);
		return Number.isFinite(n) ? n : void 0;
	}
	said(e) {
		let t = this.home.states[e];
		return t ? this.home.formatEntityState(t) : this.t("unknown");
	}
	client(e, t, n) {
		let r = this.value(n.get("used_percent")), i = this.home.states[n.get("over_target") ?? ""]?.state === "on", a = n.get("used"), o = n.get("total"), s = a && o ? `${this.said(a)} / ${this.said(o)}` : a ? this.said(a) : "";
		return C`<section>
      <h3>${t}</h3>
      <div class="room">
        <span class="percent ${i ? "warn" : ""}"
          >${r === void 0 ? this.t("unknown") : F(this.home, r)}</span
        >
        <span class="text">
          <span
            class="bar ${i ? "warn" : ""}"
            role="meter"
            aria-label=${this.t("room")}
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=${r === void 0 ? T : Math.round(r)}
            ><i style="width:${Math.min(100, r ?? 0)}%"></i
          ></span>
          <span dir="auto" class="line">${s}${i ? ` · ${this.t("over_target")}` : ""}</span>
          ${this.forecast(e)}
        </span>
      </div>
      ${this.lines(n)}
      <dl>
        ${or.flatMap((e) => n.get(e) ?? []).map((e) => {
			let t = this.home.entities[e]?.translation_key ?? "";
			return C`<div><dt>${this.of("number", t)}</dt><dd><bdi>${this.said(e)}</bdi></dd></div>`;
		})}
      </dl>
    </section>`;
	}
	forecast(e) {
		let t = this.outlook.state.data?.clients.find((t) => dn(this.home, t.id)?.id === e);
		if (!t?.full_at || !t.rate) return T;
		let n = L(this.home, new Date(t.full_at)), r = P(this.home, t.rate);
		return C`<span dir="auto" class="line full">${this.t("full_at", {
			when: n,
			rate: r
		})}</span>`;
	}
	purge() {
		let { data: e } = this.outlook.state;
		return C`<h3 id="purge">${this.t("next_purge")}</h3>
      ${e ? this.purged(e.purge) : this.notice(this.outlook)}`;
	}
	purged({ at: e, candidates: t, count: n, bytes: r }) {
		if (t === null) return C`<p dir="auto" class="note">${this.t("purge_unknown")}</p>`;
		let i = e ? I(this.home, new Date(e)) : this.t("not_by_itself");
		if (t.length === 0) return C`<p dir="auto" class="note">${i} · ${this.t("nothing_to_purge")}</p>`;
		let a = N(this.home, n ?? t.length), o = this.t("torrents_go", {
			count: n ?? t.length,
			number: a
		}), s = (n ?? 0) - t.length;
		return C`<p dir="auto" class="note">${[
			i,
			o,
			P(this.home, r ?? 0)
		].join(" · ")}</p>
      <ul aria-labelledby="purge">
        ${t.map((e) => C`<li class="row going">
            <span class="text">
              <span dir="auto" class="name">${e.title}</span>
              <span dir="auto" class="line full">${at(this.home, e.reasons.join(" "))}</span>
            </span>
            <span class="side">${P(this.home, e.bytes)}</span>
          </li>`)}
      </ul>
      ${s > 0 ? C`<p dir="auto" class="note">${this.t("more", { count: s })}</p>` : T}`;
	}
	get underWay() {
		let e = this.plans.state.data?.plans ?? [];
		return e.find((e) => e.running) ?? e.find((e) => (e.waiting ?? 0) > 0);
	}
	control() {
		let e = this.admin && this.underWay;
		if (!e) return T;
		let t = e.paused ? "resume" : "pause";
		return C`<div class="actions control">
      ${e.paused ? C`<span dir="auto" class="badge">${this.t("paused")}</span>` : T}
      <button class="button" ?disabled=${this.busy} @click=${() => this.tell(t, e)}>${this.t(t)}</button>
      <button class="button danger" ?disabled=${this.busy} @click=${() => this.tell("cancel", e)}>
        ${this.t("cancel")}
      </button>
    </div>`;
	}
	async tell(e, t) {
		let n = this.entry ? { config_entry_id: this.entry } : {}, r = {
			type: `showrunner/plans/${e}`,
			...n,
			plan_id: t.plan_id
		};
		await this.act((e) => e.callWS(r)), this.plans.refresh();
	}
	updated() {
		if (!this.hass || !this.config || !this.showsTransfers || !this.admin) return;
		let e = (this.feed.state.data?.transfers ?? []).map((e) => `${e.id} ${e.state}`).join();
		this.stood && this.stood !== e && this.plans.refresh(), this.stood = e;
	}
	lines(e) {
		let t = this.rates(e)?.state.data;
		return C`<div class="rates">
      ${["download_rate", "upload_rate"].map((n) => {
			let r = e.get(n);
			return r ? C`<div>
          <span dir="auto" class="line">${this.of("number", n)}</span>
          <strong><bdi>${this.said(r)}</bdi></strong>
          ${lr(t?.[r] ?? [])}
        </div>` : T;
		})}
    </div>`;
	}
	transfer(e) {
		let t = [
			this.of("transfer", e.connected ? e.state : "unreachable"),
			e.rate ? Xe(this.home, e.rate) : "",
			e.remaining === null ? "" : this.t("left", { time: Qe(this.home, e.remaining) })
		], n = e.last_sync ? this.t("last_sync", { when: L(this.home, new Date(e.last_sync)) }) : this.t("never_synced"), r = e.total_bytes !== null && e.total_bytes > 0;
		return C`<li class="row transfer">
      <span class="text">
        <span dir="auto" class="name">${e.title}</span>
        <span dir="auto" class="line ${e.connected ? "" : "warn"}">${t.filter(Boolean).join(" · ")}</span>
        ${r ? C`${this.bar(e.title, e.done_bytes, e.total_bytes)}
                <ul>
                  ${e.files.slice(0, sr).map((e) => C`<li>
                      <span dir="auto" class="line">${e.name}</span>${this.bar(e.name, e.done_bytes, e.total_bytes)}
                    </li>`)}
                </ul>
                ${e.files.length > sr ? C`<span dir="auto" class="line">${this.t("more", { count: e.files.length - sr })}</span>` : T}` : C`<span dir="auto" class="line">${n}</span>`}
      </span>
    </li>`;
	}
	bar(e, t, n) {
		let r = n ? Math.min(100, t / n * 100) : null, i = n ? `${P(this.home, t)} / ${P(this.home, n)}` : P(this.home, t);
		return C`<span
        class="bar"
        role="progressbar"
        aria-label=${e}
        aria-valuemin="0"
        aria-valuemax="100"
        aria-valuenow=${r === null ? T : Math.floor(r)}
        ><i style="width:${r ?? 0}%"></i
      ></span>
      <span dir="auto" class="line amount">${i}</span>`;
	}
	static {
		this.styles = [...K.styles, o`
      .scroll {
        padding-bottom: 12px;
      }
      .text > span,
      .rates span {
        display: block;
      }
      .room {
        display: flex;
        gap: 16px;
        align-items: center;
        padding: 4px 16px;
      }
      .percent {
        font-size: var(--ha-font-size-2xl, 24px);
        font-variant-numeric: tabular-nums;
      }
      .rates {
        display: flex;
        flex-wrap: wrap;
        gap: 16px;
        padding: 8px 16px;
      }
      .rates > div {
        flex: 1 1 120px;
        min-width: 0;
      }
      svg {
        display: block;
        width: 100%;
        height: 36px;
        margin-top: 4px;
        color: var(--primary-color);
      }
      dl {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(110px, 1fr));
        gap: 8px 16px;
        margin: 0;
        padding: 8px 16px;
      }
      dt {
        color: var(--secondary-text-color);
        font-size: var(--ha-font-size-s, 12px);
      }
      dd {
        margin: 0;
      }
      .line.full {
        white-space: normal;
        overflow-wrap: anywhere;
      }
      .control {
        align-items: center;
        padding: 4px 16px 8px;
      }
      .going {
        align-items: flex-start;
      }
      .note + ul > .going:first-child {
        padding-top: 0;
      }
      .amount {
        text-align: end;
      }
      /* What nobody sees is not laid out anew each second. */
      .transfer {
        content-visibility: auto;
        contain-intrinsic-block-size: auto 96px;
      }
      .transfer ul {
        margin-top: 6px;
      }
      .transfer li span {
        display: block;
      }
    `];
	}
};
cr = W([k("showrunner-seedbox-card")], cr);
function lr(e) {
	let [t, n] = [e[0], e.at(-1)];
	if (!t || !n || t === n) return T;
	let [r, i] = [t.at, n.at], a = Math.max(...e.map((e) => e.value), 1e-9);
	return C`<svg viewBox="0 0 100 32" preserveAspectRatio="none" aria-hidden="true">
    ${Ce`<polyline points=${e.map((e) => `${((e.at - r) / (i - r || 1) * 100).toFixed(1)},${(30 - e.value / a * 28).toFixed(1)}`).join(" ")} fill="none" stroke="currentColor" stroke-width="1.5" vector-effect="non-scaling-stroke" />`}
  </svg>`;
}
// src/cards/top.ts
var ur = 10, dr = class extends qt {
	get feed() {
		return Nt(this.home.connection, this.entry, this.days, ur);
	}
	feeds() {
		return [this.feed];
	}
	render() {
		if (!this.hass || !this.config) return T;
		let { data: e } = this.feed.state, t = e && e.movies.length + e.series.length === 0;
		return C`<ha-card role="region" aria-label=${this.heading("top")}>
        ${this.head("top")} ${this.notice(this.feed)}
        ${t ? C`<p dir="auto" class="note">${this.t("nothing_watched", { count: this.days })}</p>` : T}
        <div class="lists">
          ${e?.movies.length ? this.list("top_movies", e.movies) : T}
          ${e?.series.length ? this.list("top_series", e.series) : T}
        </div>
      </ha-card>
      ${this.dialog()}`;
	}
	list(e, t) {
		let n = t[0]?.count ?? 1;
		return C`<section>
      <h3 id=${e}>${this.t(e)}</h3>
      <ol aria-labelledby=${e}>
        ${t.map((e) => this.row(e, n))}
      </ol>
    </section>`;
	}
	row(e, t) {
		return C`<li class="row">
      <button class="open" @click=${() => this.look(B(e) ?? e.title)}>
        <showrunner-poster .hass=${this.hass} .entry=${this.entry} .name=${e.title} .names=${J(e.media, e.ids)}></showrunner-poster>
        <span class="text">
          <span dir="auto" class="name">${e.title}</span>
          <span dir="auto" class="line">${this.t("times", {
			count: e.count,
			number: N(this.home, e.count)
		})}</span>
          ${t > 1 ? C`<span class="bar" aria-hidden="true"><i style="width:${e.count / t * 100}%"></i></span>` : T}
        </span>
      </button>
    </li>`;
	}
	static {
		this.styles = [...qt.styles, o`
      .lists {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 260px), 1fr));
        padding-bottom: 8px;
      }
      ol {
        list-style: none;
        margin: 0;
        padding: 0;
      }
      section {
        min-width: 0;
      }
      .text > span {
        display: block;
      }
      .bar {
        margin-top: 4px;
      }
    `];
	}
};
dr = W([k("showrunner-top-card")], dr);
// src/strategy.ts
var $ = { grid_options: { columns: "full" } }, fr = {
	stat_types: ["change"],
	chart_type: "bar",
	period: "day"
}, pr = 30;
function mr(e, t) {
	let n = e.config_entry_id, r = (e) => V(t.language, e), i = on(t, n), a = (e, r) => cn(t, n, e, r), o = (e, t = {}) => ({
		type: `custom:showrunner-${e}-card`,
		...n ? { config_entry_id: n } : {},
		...$,
		...t
	}), s = (e, t = {}) => e.filter((e) => e !== void 0).map((e) => ({
		type: "tile",
		entity: e,
		name: { type: "entity" },
		...t
	})), c = (e, t, n) => n.length ? [{
		type: "grid",
		cards: [{
			type: "heading",
			heading: e,
			icon: t
		}, ...n]
	}] : [], l = (...e) => e.flatMap((e) => {
		let t = a("sensor", e) ?? a("binary_sensor", e);
		return t ? [{
			type: "entity",
			entity: t,
			name: { type: "entity" },
			show_name: !0
		}] : [];
	}), u = (e, t, n, r, i = {}) => r.length ? [{
		type: "sections",
		path: e,
		title: t,
		icon: n,
		max_columns: 3,
		sections: r,
		...i
	}] : [], d = (e) => i.filter((t) => t.entity_id.startsWith(`${e}.`)), f = (e) => e.map((e) => e.entity_id), p = ln(t, n, "used_percent"), m = ln(t, n, "transfer_state"), h = (n, r, i) => {
		let a = d("sensor").filter((e) => e.translation_key === r).map((e) => {
			let n = t.devices[e.device_id ?? ""];
			return {
				entity: e.entity_id,
				name: n?.name_by_user || n?.name || void 0
			};
		}), o = {
			type: "statistics-graph",
			title: n,
			entities: a,
			days_to_show: e.days ?? pr,
			...i,
			...$
		};
		return a.length ? [o] : [];
	}, ee = d("switch").filter((e) => e.translation_key !== "tracking"), te = a("sensor", "requests") ? [o("requests")] : [], ne = p.length || m.length ? [o("seedbox", { transfers: m.length > 0 })] : [], g = h(r("watch_time"), "watch_time", fr);
	return {
		title: "Showrunner",
		views: [
			...u("now", r("view_now"), "mdi:play-circle", [
				{
					type: "grid",
					cards: [o("now")]
				},
				...te.length ? [{
					type: "grid",
					cards: te
				}] : [],
				{
					type: "grid",
					cards: [o("leaving", { plans: !1 })]
				}
			], { badges: l("streams", "viewings_today", "decisions_today", "requests_stuck", "leaving_count") }),
			...u("requests", r("view_requests"), "mdi:movie-plus", te.length ? [{
				type: "grid",
				column_span: 2,
				cards: te
			}, ...c(r("counts"), "mdi:counter", s(d("sensor").flatMap((e) => e.translation_key?.startsWith("requests") ? [e.entity_id] : []), $))] : []),
			...u("leaving", r("view_leaving"), "mdi:calendar-remove", [{
				type: "grid",
				column_span: 2,
				cards: [o("leaving")]
			}, ...c(r("counts"), "mdi:counter", s([
				"leaving_count",
				"leaving_size",
				"next_deletion",
				"freed_total",
				"regrets"
			].map((e) => a("sensor", e)), $))]),
			...u("seedbox", r("view_seedbox"), "mdi:server-network", [...ne.length ? [{
				type: "grid",
				column_span: 2,
				cards: ne
			}] : []]),
			...u("history", r("view_history"), "mdi:chart-line", [
				...c(r("watching"), "mdi:eye", g.length ? [
					o("hours"),
					o("top"),
					...g
				] : []).map((e) => ({
					...e,
					column_span: 2
				})),
				...c(r("storage"), "mdi:harddisk", [...h(r("room"), "used", {
					stat_types: ["mean"],
					chart_type: "line",
					period: "day"
				}), ...h(r("free_space"), "free_space", {
					stat_types: ["mean"],
					chart_type: "line",
					period: "day"
				})]),
				...c(r("gains"), "mdi:leaf", [
					...s(["saved_total", "freed_total"].map((e) => a("sensor", e)), $),
					...h(r("saved"), "saved_total", fr),
					...h(r("freed"), "freed_total", fr)
				])
			]),
			...u("services", r("view_services"), "mdi:lan-connect", [
				...c(r("services"), "mdi:lan-connect", s(f(d("binary_sensor").filter((e) => !e.translation_key)), { name: { type: "device" } })),
				...c(r("switches"), "mdi:toggle-switch", s(f(ee), $)),
				...c(r("run"), "mdi:play", s(f(d("button")), {
					...$,
					hide_state: !0
				}))
			])
		]
	};
}
var hr = class extends HTMLElement {
	static {
		this.noEditor = !0;
	}
	static {
		this.registryDependencies = ["entities", "devices"];
	}
	static async generate(e, t) {
		return mr(e, t);
	}
	static getCreateSuggestions() {
		return {
			title: "Showrunner",
			icon: "mdi:movie-roll"
		};
	}
	static get description() {
		return V(U(), "strategy");
	}
}, gr = "https://github.com/showrunner-home/showrunner", _r = {
	now: {
		type: Mn,
		keys: [
			"streams",
			"transcodes",
			"stream_bitrate",
			"playback",
			"viewings_today",
			"decision"
		]
	},
	requests: {
		type: Q,
		keys: [
			"requests",
			"requests_stuck",
			"request_stuck",
			"request",
			"approvals"
		]
	},
	leaving: {
		type: An,
		keys: [
			"leaving",
			"leaving_count",
			"leaving_size",
			"next_deletion"
		]
	},
	hours: {
		type: q,
		keys: ["watch_time"]
	},
	top: {
		type: dr,
		keys: ["watch_time"]
	},
	seedbox: {
		type: cr,
		keys: [
			"used_percent",
			"over_target",
			"purgeable_size",
			"transfer_state",
			"progress"
		]
	}
};
window.customCards ??= [];
for (let [e, { keys: t }] of Object.entries(_r)) {
	let n = `showrunner-${e}-card`;
	window.customCards.push({
		type: n,
		name: V(U(), `picker_${e}`),
		description: V(U(), `about_${e}`),
		preview: !0,
		documentationURL: gr,
		getEntitySuggestion: (e, r) => {
			let i = e.entities[r];
			return i?.platform === "showrunner" && t.includes(i.translation_key ?? "") ? { config: { type: `custom:${n}` } } : null;
		}
	});
}
customElements.define("ll-strategy-dashboard-showrunner", hr), window.customStrategies ??= [], window.customStrategies.push({
	type: "showrunner",
	strategyType: "dashboard",
	name: "Showrunner",
	description: hr.description,
	documentationURL: gr
});
