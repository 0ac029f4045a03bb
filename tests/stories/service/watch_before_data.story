# A client hears that something changed before it can see the change.
ensemble 3 seed=16 leader=3
c1 at 1
c2 at 2
until connected c1
until connected c2
c1 create /a "1"
until answered c1
c2 sync /a
c2 get /a watch
until answered c2
c1 set /a "2"
until watched c2
c2 get /a
until answered c2
----
3: proposed 1|1 createSession 10000 ms
3: proposed 1|2 createSession 10000 ms
2: logged 1|1, acked
3: logged 1|1
3: committed 1|1 by 2,3
2: logged 1|2, acked
1: logged 1|1, acked
1: logged 1|2, acked
c1: session open
3: logged 1|2, committed 1|2 by 2,3
c2: session open
3: proposed 1|3 create /a
3: logged 1|3
1: logged 1|3, acked
2: logged 1|3, acked
3: committed 1|3 by 2,3
c1: create /a "1": /a
c2: sync /a: /a
c2: get /a watch: "1" version 0
3: proposed 1|4 setData /a
1: logged 1|4, acked
2: logged 1|4, acked
3: logged 1|4, committed 1|4 by 1,3
c1: set /a "2": version 1
c2: watch: DataChanged /a
c2: get /a: "2" version 1
holds: agreement, total order, primary order, durability
