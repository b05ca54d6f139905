// The drawing of the states, and where the selected session stands in it.
import { useMemo } from 'preact/hooks'
import drawing from './states.svg'
import type { SessionView } from '../admin/shapes.ts'
import { Card } from './card.tsx'

export function States({ session }: { session: SessionView | undefined }) {
  const place = session && (session.completing ? 'COMPLETING' : session.state)
  const svg = useMemo(() => draw(place), [place])
  return (
    <Card
      title="States"
      name="states"
      aside={
        <p class="quiet">
          {session ? (
            <>
              {/* A name that turns the direction of writing turns its own alone. */}
              <bdi>{session.library_item_name ?? session.id}</bdi>: <span>{place}</span>
            </>
          ) : (
            'select a session to see its place'
          )}
        </p>
      }
    >
      {/* Narrow screens scroll it: smaller, it could not be read. */}
      <div class="drawing" role="region" aria-label="Drawing of the states" tabIndex={0}>
        {/* The drawing is part of the build, and nothing of a sandbox is in it. */}
        <div dangerouslySetInnerHTML={{ __html: svg }} />
      </div>
    </Card>
  )
}

/** Without its own colours: the page's follow the page's theme, and its policy lets no style in. */
function draw(place: string | undefined): string {
  const svg = new DOMParser().parseFromString(
    drawing.replace(/<style>[^]*?<\/style>/, ''),
    'image/svg+xml',
  ).documentElement
  svg.querySelector('rect.paper')?.remove()
  if (place !== undefined) svg.querySelector(`[data-state="${place}"]`)?.classList.add('here')
  return new XMLSerializer().serializeToString(svg)
}
