-- How many events each site sent and the server made: every part counts its own, so the count follows what is deleted too. Parts that are
-- older are counted by their rows until they merge.
ALTER TABLE {{store "events"}} ADD PROJECTION IF NOT EXISTS counts (SELECT site, generated, count() GROUP BY site, generated);
