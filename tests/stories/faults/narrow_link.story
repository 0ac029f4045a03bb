# A link of little bandwidth: bytes queue up behind each other, so a follower behind it acknowledges late, and the others decide without it.
ensemble 3 seed=4 leader=3
c1 at 3
until connected c1
link 3>1 bandwidth 2000B/s
c1 create /a "0123456789012345678901234567890123456789"
c1 create /b "0123456789012345678901234567890123456789"
until answered c1
expect not logged 1 1|3
link 3>1 normal
until settled
----
3: proposed 1|1 createSession 10000 ms
3: logged 1|1
2: logged 1|1, acked
3: committed 1|1 by 2,3
1: logged 1|1, acked
c1: session open
3: proposed 1|2 create /a
3: proposed 1|3 create /b
3: logged 1|2
3: logged 1|3
2: logged 1|2, acked
3: committed 1|2 by 2,3
2: logged 1|3, acked
c1: create /a "0123456789012345678901234567890123456789": /a
3: committed 1|3 by 2,3
c1: create /b "0123456789012345678901234567890123456789": /b
1: logged 1|2, acked
1: logged 1|3, acked
holds: agreement, total order, primary order, durability
