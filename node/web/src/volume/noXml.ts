/**
 * Stands in the built page for `xmlbuilder2`, with which Cornerstone3D would read surfaces from XML. No page here has
 * any, and the part asks for modules of Node.js that no browser has: the page would end where it is loaded.
 */
export function create(): never {
  throw new Error("surfaces in XML are not read here");
}
