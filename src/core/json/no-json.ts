import { types } from "node:util";

/** What is wrong with a value that is neither a string, a finite number, a boolean, null, an array nor an object. */
export function whyNoJson(value: unknown): string {
  switch (typeof value) {
    case "undefined":
      return "is undefined, which JSON cannot represent; pass null";
    case "bigint":
      return "is a BigInt; pass it as a string";
    case "number":
      return `is ${value}, which JSON cannot represent; pass null or a string`;
    case "function":
      return "is a function; pass data only";
    default:
      return `is a ${typeof value}; pass data only`;
  }
}

/** Why JSON would change an array, whatever its elements; `undefined`: it would not. */
export function whyNoPlainArray(array: readonly unknown[]): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(array);
  // The prototype of a plain array is itself an array, in every realm.
  if (prototype !== Array.prototype && !Array.isArray(prototype)) return describeInstance(array);
  return hasHiddenToJson(array) ? TO_JSON : undefined;
}

/** Why JSON would change an object, whatever its properties; `undefined`: it would not. */
export function whyNoPlainObject(object: object): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null && !isForeignObjectPrototype(prototype)) {
    return describeInstance(object);
  }
  if (hasHiddenToJson(object)) return TO_JSON;
  const symbols = Object.getOwnPropertySymbols(object);
  if (symbols.some((symbol) => Object.prototype.propertyIsEnumerable.call(object, symbol))) {
    return "has a symbol as a key; pass an object whose keys are strings";
  }
  return undefined;
}

/** Why `JSON.stringify` would silently lose what is in an object; `undefined`: it would not. */
export function whyLostToJson(object: object): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype === Object.prototype || prototype === null || isForeignObjectPrototype(prototype)) return undefined;
  const isItsProperties = !isBuiltIn(object) && Object.keys(object).length > 0;
  return isItsProperties ? undefined : describeInstance(object);
}

/** Whether what an object stands for is beside its properties. */
function isBuiltIn(object: object): boolean {
  return (
    types.isMap(object) ||
    types.isSet(object) ||
    types.isBoxedPrimitive(object) ||
    types.isNativeError(object) ||
    types.isPromise(object) ||
    types.isRegExp(object) ||
    types.isAnyArrayBuffer(object) ||
    ArrayBuffer.isView(object)
  );
}

const TO_JSON = "has a toJSON method; pass the data that it returns";

/** An enumerable one is met, and refused, as a property. Looks, but runs no getter. */
function hasHiddenToJson(object: object): boolean {
  if (!("toJSON" in object)) return false;
  return Object.getOwnPropertyDescriptor(object, "toJSON")?.enumerable !== true;
}

/** `Object.prototype` of another realm, such as a `node:vm` context. */
function isForeignObjectPrototype(prototype: unknown): boolean {
  return (
    typeof prototype === "object" &&
    prototype !== null &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype, "isPrototypeOf")
  );
}

function describeInstance(object: object): string {
  if (types.isDate(object)) return "is a Date; pass its ISO string or its milliseconds";
  if (types.isMap(object)) return "is a Map; pass a plain object or an array of entries";
  if (types.isSet(object)) return "is a Set; pass an array";
  if (types.isBoxedPrimitive(object)) return "is a boxed primitive; pass the primitive itself";
  if (ArrayBuffer.isView(object) || types.isAnyArrayBuffer(object)) return "is binary data; pass it as a base64 string";
  if (types.isPromise(object)) return "is a Promise; await it first";
  return `is an instance of ${className(object)}; pass a plain object`;
}

/** The name of an object's class. Runs no getter. */
function className(object: object): string {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (typeof prototype !== "object" || prototype === null) return "a class";
  const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  if (typeof constructor !== "function") return "a class";
  const name: unknown = Object.getOwnPropertyDescriptor(constructor, "name")?.value;
  return typeof name === "string" && name !== "" ? name.slice(0, 60) : "a class";
}
