/** What a press means here: the one table from keys and choices to acts. */
import type { Choice } from "../../model/answers";
import { CONFIDENCES, typed, withConfidence } from "../../model/answers";
import type { Command, Pressed } from "../../model/keys";
import type { Asked } from "../../model/slots";
import type { ShapeKind } from "../../model/types";
import * as brush from "../../state/brush";
import { playOrStop } from "../../state/cine";
import { change, redo, undo } from "../../state/draft";
import { arm, cancel, draw, remove, selectNext, shapesOf, tool } from "../../state/drawing";
import { assignment, at, choiceAt, current, film, form, goTo, moveBy, moveOn, pick, selected } from "../../state/reading";
import { fit, invert, magnify, reset, rotate, zoomBy } from "../../state/view";

const ZOOM = 1.25;

/** A choice is made, or what the next mark will be of. */
export function take(one: Asked, choice: Choice): void {
  if (one.question.kind === "geometry" && choice.kind === "option") {
    arm(one.question, { label: choice.code });
  } else {
    pick(one, choice);
  }
}

/** Returns true when there was something to do. */
export function act(pressed: Pressed, submit: () => void): boolean {
  switch (pressed.kind) {
    case "choice": {
      const found = choiceAt(pressed.index);
      if (found !== null) {
        take(found.one, found.choice);
      }
      return found !== null;
    }
    case "confidence":
      return sure(pressed.index);
    case "tool":
      return reach(pressed.shape);
    case "command":
      return command(pressed.command, submit);
  }
}

function sure(index: number): boolean {
  const [one, value] = [current.value, CONFIDENCES[index]];
  if (one === null || value === undefined || form.value === null || !one.question.confidence_required) {
    return false;
  }
  change(withConfidence(form.value, one, value));
  return true;
}

/** The question at hand if it takes the shape, or else the first that does. */
function reach(kind: ShapeKind): boolean {
  const questions = [current.value?.question, ...(assignment.value?.schema.questions ?? [])];
  const found = questions.find((question) => question !== undefined && shapesOf(question).includes(kind));
  if (found !== undefined) {
    arm(found, { kind });
  }
  return found !== undefined;
}

const ACTS: Readonly<Record<Exclude<Command, "go-on" | "delete" | "cancel">, () => void>> = {
  undo,
  redo,
  "next-question": () => { moveBy(1); },
  "previous-question": () => { moveBy(-1); },
  "next-frame": () => void goTo(at.value + 1),
  "previous-frame": () => void goTo(at.value - 1),
  "next-mark": selectNext,
  "zoom-in": () => { zoomBy(ZOOM); },
  "zoom-out": () => { zoomBy(1 / ZOOM); },
  fit,
  invert,
  rotate,
  reset,
  magnify,
  cine: playOrStop,
  "brush-larger": () => { brush.resize(true); },
  "brush-smaller": () => { brush.resize(false); },
  "brush-erase": () => { brush.erasing.value = !brush.erasing.value; },
  "brush-range": brush.heedOrNot,
};

function command(name: Command, submit: () => void): boolean {
  switch (name) {
    case "go-on":
      if (tool.value?.sketch.kind === "polygon" && tool.value.sketch.points.length > 0) {
        sketch("close");
      } else if (!moveOn()) {
        submit();
      }
      return true;
    case "delete":
      return remover();
    case "cancel":
      return cancel() || blurred();
    default:
      ACTS[name]();
      return true;
  }
}

function remover(): boolean {
  if (tool.value !== null && tool.value.sketch.points.length > 0) {
    sketch("back");
    return true;
  }
  if (selected.value === null) {
    return false;
  }
  remove(selected.value);
  return true;
}

function sketch(what: "close" | "back"): void {
  if (film.value !== null) {
    draw({ act: what }, film.value, 0);
  }
}

function blurred(): boolean {
  if (document.activeElement instanceof HTMLElement) {
    document.activeElement.blur();
  }
  return true;
}

/** The step that typing makes. */
export function write(one: Asked, words: string): void {
  if (form.value !== null) {
    change(typed(form.value, one, words), one.key);
  }
}
