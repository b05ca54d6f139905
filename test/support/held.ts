// The bytes that a sandbox holds: a total that is kept, and what it would be if all files were asked.

/** Whether both are the same. Content that two files share counts once, and what was discarded not at all. */
export const IS_HELD_RIGHT = `
  SELECT held.bytes = (
      SELECT COALESCE(SUM(bytes), 0) FROM (
        SELECT content_key, IIF(received ->> 'isDiscarded', 0, received ->> 'sizeBytes') AS bytes FROM item_file
        UNION
        SELECT content_key, COALESCE(IIF(file ->> '$.received.isDiscarded', 0, file ->> '$.received.sizeBytes'), file ->> 'bytesTransferred', 0)
        FROM update_file WHERE content_key IS NOT NULL))
    AND held.small_bytes = (SELECT COALESCE(SUM(LENGTH(bytes)), 0) FROM small_content) AS is_right
  FROM held`
