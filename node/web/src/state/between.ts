/** Slices between those that were drawn are filled: one step of the draft, each result a mark like any other. */
import type { Draft, DrawnMark } from "../model/draft";
import { marksOf, numberOf, thingOf, withMark } from "../model/draft";
import type { Shape } from "../model/types";
import { contourBetween, maskBetween } from "../tools/between";
import { canWork, draft } from "./draft";
import { keep, trouble } from "./drawing";
import { assignment, selected, spots } from "./reading";

interface Placed {
  readonly at: number;
  readonly mark: DrawnMark;
}

/** True where the thing in hand was painted or outlined on more than one slice. */
export function canFill(): boolean {
  return canWork.value && inHand().length > 1;
}

export function fillBetween(): void {
  const placed = inHand();
  const wanted = placed.flatMap((one, index) => {
    const next = placed[index + 1];
    return next === undefined ? [] : between(one, next);
  });
  const [first] = placed;
  const question = assignment.value?.schema.questions.find(({ code }) => code === first?.mark.question);
  if (question === undefined || wanted.length === 0) {
    trouble.value = "nothing-between";
  } else if (marksOf(draft.value, question.code).length + wanted.length > (question.geometry?.at_most ?? 0)) {
    trouble.value = "too-many";
  } else {
    keep(wanted.reduce<Draft>((made, mark) => withMark(made, mark).draft, draft.value));
  }
}

/** The masks, or else the contours, of the thing in hand, in the order of the slices. */
function inHand(): readonly Placed[] {
  const name = selected.value;
  const own = name === null ? undefined : draft.value.marks[name];
  if (name === null || own === undefined || (own.shape.shape !== "mask" && own.shape.shape !== "contour")) {
    return [];
  }
  const thing = thingOf(name, own);
  return Object.entries(draft.value.marks)
    .filter(([other, mark]) => mark.question === own.question && thingOf(other, mark) === thing && mark.shape.shape === own.shape.shape)
    .sort(([one], [other]) => numberOf(one) - numberOf(other))
    .map(([other, mark]) => ({ at: spotOf(mark), mark: { ...mark, of: thingOf(other, mark) } }))
    .sort((one, other) => one.at - other.at);
}

function spotOf({ image_id, frame }: DrawnMark): number {
  return spots.value.findIndex((spot) => spot.image === image_id && spot.frame === frame);
}

/** The marks on the slices between two; none where the images are of another series or size. */
function between(one: Placed, other: Placed): readonly DrawnMark[] {
  const images = spots.value
    .slice(one.at, other.at + 1)
    .map(({ image }) => assignment.value?.images.find(({ image_id }) => image_id === image));
  const [first] = images;
  if (first === undefined || images.some((image) => image?.series !== first.series || image.rows !== first.rows || image.columns !== first.columns)) {
    return [];
  }
  return spots.value.slice(one.at + 1, other.at).flatMap(({ image, frame }, index) => {
    const part = (index + 1) / (other.at - one.at);
    const shape = blended(one.mark.shape, other.mark.shape, part, first);
    return shape === null ? [] : [{ ...one.mark, image_id: image, frame, shape }];
  });
}

function blended(one: Shape, other: Shape, part: number, extent: { readonly rows: number; readonly columns: number }): Shape | null {
  if (one.shape === "mask" && other.shape === "mask") {
    const lines = maskBetween(one.lines, other.lines, part, extent);
    return Object.keys(lines).length === 0 ? null : { ...one, lines };
  }
  if (one.shape === "contour" && other.shape === "contour") {
    return { shape: "contour", points: [...contourBetween(one.points, other.points, part)] };
  }
  return null;
}
