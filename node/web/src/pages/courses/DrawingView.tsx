/** A drawn example: its shapes as they are, in their order; nothing in them can run. */
import type { Drawing } from "../../model/courses";

const SIDE = 400;

export function DrawingView({ drawing, label }: { readonly drawing: Drawing; readonly label: string }) {
  return (
    <svg class="drawn" viewBox={`0 0 ${SIDE} ${SIDE}`} role="img" aria-label={label}>
      <rect width={SIDE} height={SIDE} fill="#000" />
      {drawing.shapes.map((shape, place) => (
        <Shape key={place} shape={shape} />
      ))}
    </svg>
  );
}

function Shape({ shape }: { readonly shape: Drawing["shapes"][number] }) {
  const grey = `rgb(${shape.grey} ${shape.grey} ${shape.grey})`;
  switch (shape.shape) {
    case "ellipse":
      return (
        <ellipse cx={shape.x} cy={shape.y} rx={shape.half_width} ry={shape.half_height} fill={grey} opacity={shape.opacity}
          transform={`rotate(${shape.turned_degrees} ${shape.x} ${shape.y})`} />
      );
    case "polygon":
      return <polygon points={joined(shape.points)} fill={grey} opacity={shape.opacity} />;
    case "line":
      return <polyline points={joined(shape.points)} fill="none" stroke={grey} stroke-width={shape.width} opacity={shape.opacity} />;
  }
}

function joined(points: readonly (readonly number[])[]): string {
  return points.map((point) => point.join(",")).join(" ");
}
