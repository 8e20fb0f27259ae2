/** Where an image lies on the screen: the one place that turns image pixels (x right, y down) into room pixels and back. */
export type Point = readonly [number, number];

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Sight {
  /** Room pixels per image pixel. */
  readonly scale: number;
  /** The image point in the middle of the room. */
  readonly centre: Point;
  /** Quarter turns clockwise, 0 to 3. */
  readonly turns: number;
  /** How much taller than wide a pixel is; 1 where that is not said. */
  readonly stretch?: number;
}

const MOST_SCALE = 64;
const LEAST_SCALE = 1 / 64;

/** The whole image in the room, as large as it goes. */
export function fitted(image: Size, room: Size, turns = 0, stretch = 1): Sight {
  const tall = image.height * stretch;
  const [width, height] = turns % 2 === 0 ? [image.width, tall] : [tall, image.width];
  const scale = Math.min(room.width / width, room.height / height);
  return { scale: bounded(scale), centre: [image.width / 2, image.height / 2], turns, ...(stretch === 1 ? {} : { stretch }) };
}

export function toRoom([x, y]: Point, { scale, centre, turns, stretch = 1 }: Sight, room: Size): Point {
  const [dx, dy] = turned([(x - centre[0]) * scale, (y - centre[1]) * scale * stretch], turns);
  return [room.width / 2 + dx, room.height / 2 + dy];
}

export function toImage([x, y]: Point, { scale, centre, turns, stretch = 1 }: Sight, room: Size): Point {
  const [dx, dy] = turned([x - room.width / 2, y - room.height / 2], 4 - turns);
  return [centre[0] + dx / scale, centre[1] + dy / (scale * stretch)];
}

/** The matrix that lays the image's upper left corner and axes into the room, in the order of CSS and of a canvas. */
export function matrixOf(sight: Sight, room: Size): readonly [number, number, number, number, number, number] {
  const [a, b] = turned([sight.scale, 0], sight.turns);
  const [c, d] = turned([0, sight.scale * (sight.stretch ?? 1)], sight.turns);
  const [e, f] = toRoom([0, 0], sight, room);
  return [a, b, c, d, e, f];
}

export function cssMatrix(sight: Sight, room: Size): string {
  return `matrix(${matrixOf(sight, room).join(", ")})`;
}

/** Zoomed by a factor; the image point below `at` stays where it is. */
export function zoomed(sight: Sight, factor: number, at: Point, room: Size): Sight {
  const scale = bounded(sight.scale * factor);
  const fixed = toImage(at, sight, room);
  const moved = toImage(at, { ...sight, scale }, room);
  return { ...sight, scale, centre: [sight.centre[0] + fixed[0] - moved[0], sight.centre[1] + fixed[1] - moved[1]] };
}

/** Moved by so many room pixels. */
export function panned(sight: Sight, across: number, down: number): Sight {
  const [dx, dy] = turned([across, down], 4 - sight.turns);
  return { ...sight, centre: [sight.centre[0] - dx / sight.scale, sight.centre[1] - dy / (sight.scale * (sight.stretch ?? 1))] };
}

/** The letters at the left, top, right and bottom of the room, given the sides an image's rows and columns run to. */
export function sideLetters(right: string, bottom: string, turns: number): readonly [string, string, string, string] {
  const sides = [opposite(right), opposite(bottom), right, bottom];
  const [left = "", top = "", end = "", foot = ""] = [0, 1, 2, 3].map((side) => sides[(side + 4 - turns) % 4]);
  return [left, top, end, foot];
}

const OPPOSITES: Readonly<Record<string, string>> = { A: "P", P: "A", L: "R", R: "L", H: "F", F: "H" };

function opposite(letters: string): string {
  return Array.from(letters, (letter) => OPPOSITES[letter] ?? "").join("");
}

function turned([x, y]: Point, turns: number): Point {
  switch (((turns % 4) + 4) % 4) {
    case 1:
      return [-y, x];
    case 2:
      return [-x, -y];
    case 3:
      return [y, -x];
    default:
      return [x, y];
  }
}

function bounded(scale: number): number {
  return Math.min(MOST_SCALE, Math.max(LEAST_SCALE, scale));
}
