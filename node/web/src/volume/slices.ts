/**
 * Our image loader for Cornerstone3D: slices come from the node's own route, as stored values, and what Cornerstone asks
 * of their headers is answered from the outline. Nothing of an image is written to disk.
 */
import type { Types } from "@cornerstonejs/core";
import { Enums, imageLoader, metaData } from "@cornerstonejs/core";

import type { Frame, GreyWindow } from "../viewer/window";
import { UnlikeSlice } from "./alike";
import type { Outline } from "./outline";
import { placeOf } from "./outline";

const SCHEME = "node";
const PROVIDER_PRIORITY = 10_000;

/** Where the slices of a volume come from, and one of them; a slice that is not alike to it is refused there. */
export interface Source {
  readonly outline: Outline;
  readonly like: Frame;
  /** Through which it is first shown. */
  readonly window: GreyWindow;
  readonly fetched: (image: string) => Promise<Frame>;
}

interface Slice {
  readonly image: string;
  readonly number: number;
  readonly source: Source;
}

const slices = new Map<string, Slice>();
let registered = false;

/** Cornerstone knows these slices, in their order along the normal, under the returned identifiers. */
export function made(source: Source): string[] {
  if (!registered) {
    imageLoader.registerImageLoader(SCHEME, load);
    metaData.addProvider(said, PROVIDER_PRIORITY);
    registered = true;
  }
  return source.outline.images.map((image, number) => {
    const imageId = `${SCHEME}:${image}`;
    slices.set(imageId, { image, number, source });
    return imageId;
  });
}

export function forgotten(): void {
  slices.clear();
}

function load(imageId: string): Types.IImageLoadObject {
  const slice = slices.get(imageId);
  if (slice === undefined) {
    return { promise: Promise.reject(new UnlikeSlice()) };
  }
  return { promise: slice.source.fetched(slice.image).then((frame) => imageOf(imageId, frame, slice.source)) };
}

function imageOf(imageId: string, frame: Frame, { outline }: Source): Types.IImage {
  const { rows, columns, values } = frame;
  return {
    imageId,
    rows,
    columns,
    height: rows,
    width: columns,
    minPixelValue: 0,
    maxPixelValue: 0,
    slope: 1,
    intercept: 0,
    windowCenter: 0,
    windowWidth: 1,
    voiLUTFunction: Enums.VOILUTFunctionType.LINEAR,
    getPixelData: () => values,
    getCanvas: () => document.createElement("canvas"),
    color: false,
    rgba: false,
    numberOfComponents: 1,
    columnPixelSpacing: outline.spacing[0],
    rowPixelSpacing: outline.spacing[1],
    invert: false,
    sizeInBytes: values.byteLength,
    dataType: dataTypeOf(frame),
    imageFrame: {} as NonNullable<Types.IImage["imageFrame"]>,
  };
}

function dataTypeOf({ values }: Frame): Types.PixelDataTypedArrayString {
  return values instanceof Int16Array ? "Int16Array" : values instanceof Uint16Array ? "Uint16Array" : "Uint8Array";
}

/** What Cornerstone asks of a slice's header; values stay as they are stored, so nothing is said of rescaling. */
function said(module: string, imageId: string): unknown {
  const slice = slices.get(imageId);
  return slice === undefined ? undefined : MODULES[module]?.(slice);
}

const MODULES: Readonly<Record<string, (slice: Slice) => unknown>> = {
  imagePixelModule: ({ source: { like } }) => {
    const bits = like.values.BYTES_PER_ELEMENT * 8;
    return {
      bitsAllocated: bits,
      bitsStored: bits,
      highBit: bits - 1,
      pixelRepresentation: like.values instanceof Int16Array ? 1 : 0,
      photometricInterpretation: "MONOCHROME2",
      samplesPerPixel: 1,
    };
  },
  voiLutModule: ({ source: { window } }) => ({
    windowCenter: [(window.low + window.high) / 2 + 0.5],
    windowWidth: [window.high - window.low + 1],
  }),
  generalSeriesModule: ({ source: { outline } }) => ({ modality: outline.modality, seriesInstanceUID: SCHEME }),
  imagePlaneModule: ({ number, source: { outline } }) => {
    const [across, down] = outline.axes;
    const [columnPixelSpacing, rowPixelSpacing] = outline.spacing;
    return {
      frameOfReferenceUID: SCHEME,
      rows: outline.rows,
      columns: outline.columns,
      imagePositionPatient: placeOf([0, 0, number], outline),
      imageOrientationPatient: [...across, ...down],
      rowCosines: across,
      columnCosines: down,
      pixelSpacing: [rowPixelSpacing, columnPixelSpacing],
      rowPixelSpacing,
      columnPixelSpacing,
    };
  },
};
