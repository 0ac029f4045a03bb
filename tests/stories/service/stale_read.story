# A read is answered by the server that is asked. One that does not hear its leader shows an old
# state, which no linearizable service would; after a sync the read is fresh.
ensemble 3 seed=16 leader=3
c1 at 3
c2 at 1
until connected c1
until connected c2
c1 create /a "1"
until answered c1
until settled
latency 1-3 200ms
c1 set /a "2"
until answered c1
c2 get /a
until answered c2
expect stale c2
expect not broken session order
c2 sync /a
c2 get /a
until answered c2
expect not stale c2
expect not broken sync
----
3: proposed 1|1 createSession 10000 ms
3: proposed 1|2 createSession 10000 ms
2: logged 1|1, acked
3: logged 1|1
3: committed 1|1 by 2,3
2: logged 1|2, acked
1: logged 1|1, acked
3: logged 1|2
c1: session open
3: committed 1|2 by 2,3
1: logged 1|2, acked
c2: session open
3: proposed 1|3 create /a
2: logged 1|3, acked
3: logged 1|3
3: committed 1|3 by 2,3
1: logged 1|3, acked
c1: create /a "1": /a
3: proposed 1|4 setData /a
3: logged 1|4
2: logged 1|4, acked
3: committed 1|4 by 2,3
c1: set /a "2": version 1
1: logged 1|4, acked
c2: get /a: "1" version 0
c2: sync /a: /a
c2: get /a: "2" version 1
holds: agreement, total order, primary order, durability
