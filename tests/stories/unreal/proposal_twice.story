# No TCP connection does this: a PROPOSAL arrives twice.
ensemble 3 seed=3 leader=3
c1 at 3
c1 create /a "x"
until sent PROPOSAL 3>1 1|2
unreal duplicate 3>1 quorum 7
wait 15s
----
3: proposed 1|1 createSession 10000 ms
2: logged 1|1, acked
1: logged 1|1, acked
3: logged 1|1, committed 1|1 by 2,3
3: proposed 1|2 create /a
c1: session open
3: logged 1|2
1: logged 1|2, acked
3: committed 1|2 by 1,3
2: logged 1|2, acked
c1: create /a "x": /a
holds: agreement, total order, primary order, durability
