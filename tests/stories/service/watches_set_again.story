# A client that loses its server sets its watches again at the next one: what it missed it hears at once, in one event for each znode, and what did not change it goes on watching.
ensemble 3 seed=20 leader=3
c1 anywhere
until connected c1
c2 at 3
until connected c2
c1 create /a "1"
c1 get /a watch
c1 exists /b watch
c1 children / watch
until answered c1
crash 1
c2 set /a "2"
c2 set /a "3"
until answered c2
until connected c1
until watched c1
c1 get /a
until answered c1
expect not broken watch order
c2 create /b ""
until answered c2
wait 200ms
expect not broken watch order
----
3: proposed 1|1 createSession 10000 ms
3: logged 1|1
2: logged 1|1, acked
3: committed 1|1 by 2,3
1: logged 1|1, acked
c1: session open
3: proposed 1|2 createSession 10000 ms
3: logged 1|2
1: logged 1|2, acked
3: committed 1|2 by 1,3
2: logged 1|2, acked
c2: session open
3: proposed 1|3 create /a
2: logged 1|3, acked
1: logged 1|3, acked
3: logged 1|3, committed 1|3 by 2,3
c1: create /a "1": /a
c1: get /a watch: "1" version 0
c1: exists /b watch: NoNode
c1: children / watch: [a, zookeeper]
1: fell
3: proposed 1|4 setData /a
3: proposed 1|5 setData /a
c1: connection lost
2: logged 1|4, acked
3: logged 1|4
3: committed 1|4 by 2,3
3: logged 1|5
c2: set /a "2": version 1
2: logged 1|5, acked
3: committed 1|5 by 2,3
c2: set /a "3": version 2
c1: session open
c1: watch: DataChanged /a
c1: watches set again
c1: get /a: "3" version 2
3: proposed 1|6 create /b
3: logged 1|6
2: logged 1|6, acked
3: committed 1|6 by 2,3
c2: create /b "": /b
c1: watch: Created /b
c1: watch: ChildrenChanged /
holds: agreement, total order, primary order, durability
