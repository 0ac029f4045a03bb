# Histories that lie on the disks before the first start: the leader has dropped its old log files, so one learner gets the missing part, one the whole tree, and one that is ahead is cut back.
ensemble 5 committed=50 down preload 3 1|90 epoch=1 purged=1|30 preload 4 1|90 epoch=1 purged=1|30 preload 1 1|85 epoch=1 preload 2 1|10 epoch=1 preload 5 1|93 epoch=1
start 1
start 2
start 3
start 4
until serving
start 5
until settled
expect seen planned 1 DIFF 5
expect seen planned 3 DIFF 0
expect seen planned 2 SNAP
expect seen truncated 5 1|90
expect elections = 1
c1 at 2
c1 get /x
until reply c1 = "90"
----
1: started, LOOKING
2: started, LOOKING
3: started, LOOKING
4: started, LOOKING
2: elected (4, 1|90, 1) in round 1, FOLLOWING 4
3: elected (4, 1|90, 1) in round 1, FOLLOWING 4
1: elected (4, 1|90, 1) in round 1, FOLLOWING 4
4: elected (4, 1|90, 1) in round 1, LEADING
4: accepted epoch 2
3: accepted epoch 2
1: accepted epoch 2
2: accepted epoch 2
4: current epoch 2, plans DIFF 1|90 and 5 more for 1, plans SNAP 1|90 and 0 more for 2
4: plans DIFF 1|90 and 0 more for 3
2: installed the snapshot 1|30
3: current epoch 2
1: current epoch 2
2: current epoch 2
2: logged 1|30
1: logged 1|86
2: logged 1|31, logged 1|32, logged 1|33, logged 1|34, logged 1|35, logged 1|36, logged 1|37, logged 1|38, logged 1|39, logged 1|40, logged 1|41, logged 1|42, logged 1|43, logged 1|44, logged 1|45, logged 1|46, logged 1|47, logged 1|48, logged 1|49, logged 1|50, logged 1|51, logged 1|52, logged 1|53, logged 1|54, logged 1|55, logged 1|56, logged 1|57, logged 1|58, logged 1|59, logged 1|60, logged 1|61, logged 1|62, logged 1|63, logged 1|64, logged 1|65, logged 1|66, logged 1|67, logged 1|68, logged 1|69, logged 1|70, logged 1|71, logged 1|72, logged 1|73, logged 1|74, logged 1|75, logged 1|76, logged 1|77, logged 1|78, logged 1|79, logged 1|80, logged 1|81, logged 1|82, logged 1|83, logged 1|84, logged 1|85, logged 1|86, logged 1|87, logged 1|88, logged 1|89, logged 1|90
1: logged 1|87, logged 1|88, logged 1|89, logged 1|90
4: epoch 2 established, committed 1|90 by 2,3,4
4: serves
2: serves
1: serves
5: started, LOOKING
3: serves
5: elected (4, 1|90, 2) in round 1, FOLLOWING 4
5: accepted epoch 2
4: plans TRUNC 1|90 and 0 more for 5
5: truncated to 1|90
5: current epoch 2
5: serves
4: proposed 2|1 createSession 10000 ms
4: logged 2|1
5: logged 2|1, acked
3: logged 2|1, acked
2: logged 2|1, acked
1: logged 2|1, acked
4: committed 2|1 by 1,4,5
c1: session open
c1: get /x: "90" version 89
holds: agreement, total order, primary order, durability
