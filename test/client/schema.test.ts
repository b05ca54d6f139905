// The client's types are those of the API that this worker describes. `npm run client` writes them anew.
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript'
import { expect, it } from 'vitest'
import { serve } from '../../src/node/server.ts'

it('has the client know exactly the API of the worker', async () => {
  const worker = await serve()
  const answer = await fetch(`${worker.url}/openapi.json`)
  const document = await answer.text()
  await worker.stop()

  const types = astToString(await openapiTS(document))

  await expect(COMMENT_HEADER + types).toMatchFileSnapshot('../../src/client/schema.d.ts')
})
