// The drawing of the states, and where the selected session stands in it.
import drawing from './states.svg'
import type { SessionView } from '../admin/view-shapes.ts'
import { Card } from './card.tsx'

export function States({ session }: { session: SessionView | undefined }) {
  const place = session && (session.completing ? 'COMPLETING' : session.state)
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
        <div dangerouslySetInnerHTML={{ __html: draw(place) }} />
      </div>
    </Card>
  )
}

/** Without its own colours: the page's follow the page's theme, and its policy lets no style in. */
const plain = drawing.replace(/<style>[^]*?<\/style>/, '').replace(/<rect class="paper".*>/, '')
const draw = (place: string | undefined): string =>
  place === undefined ? plain : plain.replace(`data-state="${place}" class="`, '$&here ')
