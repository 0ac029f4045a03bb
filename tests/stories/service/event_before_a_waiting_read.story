# A read that waits behind a write is answered in the middle of what its server applies at once; the
# event of a later change in the same batch must still reach the client before that change does.
ensemble 3 seed=3 apply=20000..20000 leader=3
c1 at 1
c2 at 3
until connected c1
until connected c2
c2 create /a "1"
until answered c2
c1 sync /a
c1 get /a watch
until answered c1
c1 create /b ""
c1 get /a
wait 3ms
c2 set /a "2"
until answered c1
until watched c1
expect not broken watch order
c1 get /a
until answered c1
expect not broken watch order
----
3: proposed 1|1 createSession 10000 ms
3: proposed 1|2 createSession 10000 ms
3: logged 1|1
1: logged 1|1, acked
3: committed 1|1 by 1,3
2: logged 1|1, acked
3: logged 1|2
1: logged 1|2, acked
3: committed 1|2 by 1,3
2: logged 1|2, acked
c2: session open
c1: session open
3: proposed 1|3 create /a
3: logged 1|3
2: logged 1|3, acked
1: logged 1|3, acked
3: committed 1|3 by 2,3
c2: create /a "1": /a
c1: sync /a: /a
c1: get /a watch: "1" version 0
3: proposed 1|4 create /b
3: proposed 1|5 setData /a
3: logged 1|4
3: logged 1|5
2: logged 1|4, acked
1: logged 1|4, acked
3: committed 1|4 by 2,3
1: logged 1|5, acked
2: logged 1|5, acked
3: committed 1|5 by 1,3
c2: set /a "2": version 1
c1: create /b "": /b
c1: get /a: "1" version 0
c1: watch: DataChanged /a
c1: get /a: "2" version 1
holds: agreement, total order, primary order, durability
