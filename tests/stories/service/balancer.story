# A balancer in front hands out servers in turn, and passes over the one that is down.
ensemble 3 leader=3
c1 balanced
c2 balanced
c3 balanced
until sessions = 3
expect servers used = 3
expect clients 1 = 1
crash 1
until sessions = 3 and servers used = 2
expect lost sessions = 0
----
3: proposed 1|1 createSession 10000 ms
3: proposed 1|2 createSession 10000 ms
3: logged 1|1
3: proposed 1|3 createSession 10000 ms
2: logged 1|1, acked
3: committed 1|1 by 2,3
3: logged 1|2
c3: session open
1: logged 1|1, acked
3: logged 1|3
2: logged 1|2, acked
1: logged 1|2, logged 1|3, acked, acked
3: committed 1|2 by 2,3
3: committed 1|3 by 1,3
2: logged 1|3, acked
c2: session open
c1: session open
1: fell
c1: connection lost
c1: session open
holds: agreement, total order, primary order, durability
