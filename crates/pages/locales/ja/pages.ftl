### サインインのページ。短い文、やさしい言葉、です・ます調。

## 共通
continue = 続ける
or = または
optional = 任意
save = 保存
remove = 削除
delete = 削除
rename = 名前を変更
not-now = 今はしない
skip = 本文へ移動
sign-out = サインアウト
send-code = メールでコードを受け取る
back-to-signin = サインインに戻る
change-account = 別の方ですか？
created = 作成日:
last-used = 最終使用日:
never-used = まだ使われていません
foot-language = 言語
foot-more = その他
foot-help = ヘルプ
foot-privacy = プライバシー
foot-terms = 利用規約
dev-badge = 開発用
time-month = { $month }月
time-day = { $year }年{ time-month }{ $day }日
time-moment = { time-day } { $time } UTC

## 入力欄
field-email = メールアドレス
field-email-or-username = メールアドレスまたはユーザー名
field-name = お名前
field-given-name = 名
field-family-name = 姓
field-phone = 電話番号
field-birthdate = 生年月日
field-password = パスワード
field-new-password = 新しいパスワード
field-current-password = 現在のパスワード
field-code = メールに記載のコード
field-locale = 言語
field-zoneinfo = タイムゾーン

## サインイン
signin-title = サインイン
signin-lead = { $tenant }へおかえりなさい。
signin-lead-app = { $application }に進みます
signin-submit = サインイン
signin-new-here = はじめての方は
signin-sign-up = アカウントを作成
signin-trouble = サインインできない場合
passkey-signin = パスキーでサインイン

## パスワード
password-title = パスワードを入力
password-forgot = お忘れですか？
password-show = 表示
password-hide = 隠す
password-hint = { $min }文字以上で入力してください。関係のない単語をいくつか並べるのがおすすめです。
password-save = パスワードを保存
new-password-title = 新しいパスワードを設定
new-password-lead-reset = 確認できました。次回のために新しいパスワードを設定してください。
new-password-lead-expired = 続けるには、新しいパスワードの設定が必要です。
new-password-lead-breached = お使いのパスワードが、ほかのサイトの情報漏えいで見つかりました。アカウントを守るため、新しいものに変更してください。
new-password-lead-ticket = アカウントのパスワードを設定してください。

## コード
code-title-sign-in = メールをご確認ください
code-title-sign-up = メールアドレスの確認
code-title-verify-email = メールアドレスの確認
code-title-recover = メールをご確認ください
code-title-step-up = メールをご確認ください
code-lead-sign-in = コードをお送りしました。ここに入力するか、メール内のリンクを開いてください。
code-lead-sign-up = ご本人のアドレスであることを確認するため、コードをお送りしました。
code-lead-verify-email = ご本人のアドレスであることを確認するため、コードをお送りしました。
code-lead-recover = このアドレスのアカウントがあれば、コードが届きます。
code-lead-step-up = ご本人であることを確認するため、コードをお送りしました。
code-hint = コードの有効期限は{ $minutes }分です。届かないときは、迷惑メールフォルダーもご確認ください。
code-pattern = メールに記載の{ $digits }桁の数字
code-wrong-address = アドレスが違いますか？
code-resend = 新しいコードを送る
code-resend-wait = 新しいコードを送る（あと{ $seconds }秒）
code-use-password = パスワードを使う
code-dev-mailbox = メールボックスを開く

## 確認・選択・復旧
reauth-title = ご本人確認
reauth-lead-account = 大切な変更の前に、もう一度確認させてください。
reauth-lead-application = { $application }が再度のサインインを求めています。
reauth-submit = 確認する
select-title = アカウントを選択
select-continue-as = { $name }として続ける
select-other = 別のアカウントを使う
recover-title = アカウントに戻るには
recover-lead = パスキーをなくした、パスワードを忘れた。そんなときは、メールでコードをお送りします。
recover-hint = 登録時のアドレスを入力してください。コードの確認後、新しいパスキーを作成できます。

## アカウント作成
signup-title = アカウントを作成
signup-lead = すぐに終わります。
signup-lead-passkey = パスワードを考える必要はありません。次の画面でパスキーを作成します。
signup-terms = 続けると、次の内容に同意したことになります:
signup-have-account = アカウントをお持ちの方は

## パスキーのご案内
offer-title-sign-up = パスキーを作成
offer-title-after-password = 次回はパスワードなしで
offer-title-after-code = 次回はコードなしで
offer-title-recovery = 新しいパスキーを作成
offer-lead-sign-up = パスキーなら、指紋や顔、画面ロックでサインインできます。パスワードを覚える必要はありません。
offer-lead-after-password = パスキーなら、指紋や顔、画面ロックでサインインできます。パスワードより速く、安全です。
offer-lead-after-code = パスキーなら、指紋や顔、画面ロックでサインインできます。メールを待つ必要はありません。
offer-lead-recovery = 確認できました。この端末に新しいパスキーを作成すると、指紋や顔、画面ロックでサインインできます。
offer-point-easy = 触れるだけ、見るだけでサインイン
offer-point-safe = 推測や漏えい、偽サイトの心配がありません
offer-point-private = 指紋や顔の情報が端末の外に出ることはありません
offer-create = パスキーを作成
offer-noscript = パスキーにはJavaScriptが必要です。このサイトで有効にして、ページを再読み込みしてください。
offer-old-title = ほかのパスキー
offer-old-hint = なくしたものにチェックを入れてください。使えなくなります。
passkey-synced = 同期済み
passkey-synced-hint = バックアップされ、ほかの端末でも使えます
passkey-bound = この端末のみ
passkey-bound-hint = 1台の端末またはセキュリティキーに保存されています
passkey-current = 使用中
passkey-waiting = 端末の案内に従ってください…
passkey-error-unsupported = このブラウザーではパスキーを使えません。ほかの方法で続けるか、新しいブラウザーをお試しください。
passkey-error-not-allowed = 完了しませんでした。キャンセルされたか、時間切れです。もう一度お試しいただくか、ほかの方法で続けてください。
passkey-error-timeout = 時間切れになりました。準備ができたら、もう一度お試しください。
passkey-error-exists = この端末には、すでにこのアカウントのパスキーがあります。そのままサインインに使えます。
passkey-error-security = このアドレスではパスキーを使えません。いつものアドレスでサイトを開いて、もう一度お試しください。
passkey-error-aborted = 中断されました。もう一度お試しください。
passkey-error-constraint = 端末の画面ロックが必要です。PIN、指紋、顔のいずれかを設定して、もう一度お試しください。
passkey-error-not-supported = この端末では、この種類のパスキーを作成できません。別の端末やスマートフォン、セキュリティキーをお試しください。
passkey-error-unknown = 端末で処理を完了できませんでした。もう一度お試しいただくか、ほかの方法で続けてください。
passkey-error-network = サーバーに接続できませんでした。通信環境を確認して、もう一度お試しください。

## 不足している情報
complete-title = あと少しです
complete-lead = { $tenant }のご利用には、もう少し情報が必要です。
complete-lead-app = { $application }のご利用には、もう少し情報が必要です。

## 同意
consent-title = { $application }がアクセスを求めています
consent-lead = 許可すると、次のことができるようになります:
consent-api = アクセス先: { $api }
consent-allow = 許可する
consent-deny = 許可しない
consent-return = このあと{ $host }に戻ります。
consent-later = アカウントのページで、いつでも取り消せます。
consent-privacy = { $application }のプライバシー
scope-openid = ご本人であることの確認
scope-profile = お名前とプロフィールの閲覧
scope-email = メールアドレスの閲覧
scope-phone = 電話番号の閲覧
scope-address = 住所の閲覧
scope-offline-access = 不在のときもアクセスを継続

## サインアウト
signout-title = サインアウトしますか？
signout-lead = この端末で{ $tenant }からサインアウトします。
signout-lead-app = この端末で{ $application }と{ $tenant }からサインアウトします。
signout-stay = サインインしたままにする
signed-out-title = サインアウトしました
signed-out-lead = またのご利用をお待ちしています。
signed-out-return = アプリに戻る
signed-out-again = もう一度サインイン

## メールのリンク
link-title-sign-in = このリンクでサインインしますか？
link-title-verify-email = このアドレスを確認しますか？
link-title-recover = アカウントに戻りますか？
link-title-denied = お知らせありがとうございます
link-title-expired = このリンクは期限切れです
link-title-used = このリンクは使用済みです
link-lead-sign-in = ボタンを押すとサインインします。
link-lead-verify-email = ボタンを押すと確認が完了します。
link-lead-recover = ボタンを押すと、新しいパスキーまたはパスワードを設定できます。
link-lead-other = 別のブラウザーからの要求です。ご自身で行った場合のみ、確認してください。
link-lead-denied = だれもサインインしていません。ほかに必要な操作はありません。
link-lead-expired = リンクの有効期間は短くなっています。新しいリンクを受け取ってください。
link-lead-used = リンクは一度だけ使えます。お心当たりがない場合は、新しいリンクを受け取り、アカウントの履歴をご確認ください。
link-device = 端末
link-origin = 場所
link-when = 日時
link-confirm-sign-in = サインイン
link-confirm-verify-email = アドレスを確認
link-confirm-recover = 続ける
link-confirm-other = はい、私です
link-deny = いいえ、違います
link-done-title-sign-in = 確認できました
link-done-title-verify-email = アドレスを確認しました
link-done-title-recover = 確認できました
link-done-title-new-password = パスワードを保存しました
link-done-here = ありがとうございます。このまま続けられます。
link-done-there = 最初の画面に戻ってください。自動的に進みます。この画面は閉じてかまいません。
link-restart = 最初からやり直す
device-title = デバイスを接続する
device-lead = デバイスに表示されているコードを入力してください。
field-device-code = デバイスのコード
device-confirm-title = { $application } を接続しますか？
device-confirm-lead = デバイスに次のコードが表示されている場合だけ続けてください。許可すると、デバイスは次のことができます。
device-done-title = デバイスが接続されました
device-done-lead = デバイスに戻って続けてください。このページは閉じてかまいません。
device-denied-title = デバイスは接続されませんでした
device-denied-lead = 何も許可されていません。このページは閉じてかまいません。

form-post-title = アプリに戻ります…
form-post-lead = 画面が変わらないときは、ボタンを押してください。

## 入力の見直し
problem-identifier-missing = メールアドレスを入力してください。
problem-email-invalid = メールアドレスの形式ではないようです。入力内容をご確認ください。
problem-account-unknown = 入力された内容のアカウントは見つかりません。もう一度ご確認ください。
problem-email-taken = このアドレスはすでに使われています。
problem-name-missing = お名前を入力してください。
problem-field-missing = 必須の項目をすべて入力してください。
problem-field-invalid = 入力内容に誤りがあるようです。ご確認ください。
problem-password-wrong = 登録内容と一致しません。パスワードを確認するか、コードで続けてください。
problem-password-missing = パスワードを入力してください。
problem-password-too-short = { $min }文字以上で入力してください。
problem-password-too-long = { $max }文字以内で入力してください。
problem-password-needs-number = 数字を一つ以上入れてください。
problem-password-needs-mixed-case = 小文字と大文字の両方を使ってください。
problem-password-needs-symbol = 文字でも数字でもないもの（空白や読点など）を入れてください。
problem-password-weak = 推測されやすいパスワードです。単語を一つか二つ足してください。
problem-password-breached = このパスワードは情報漏えいで見つかっています。別のものにしてください。
problem-password-reused = 以前使ったパスワードです。新しいものにしてください。
problem-code-missing = メールに記載のコードを入力してください。
problem-code-wrong = コードが違います。{ $attempts_left ->
    [0] 新しいコードを受け取ってください。
   *[other] あと{ $attempts_left }回入力できます。
}
problem-code-expired = コードの有効期限が切れました。新しいコードを受け取ってください。
problem-too-many-attempts = 試行回数が多すぎます。{ $minutes }分ほど待ってから、もう一度お試しください。
problem-mail-failed = メールを送信できませんでした。アドレスを確認するか、しばらくしてからお試しください。
problem-passkey-unknown = このパスキーは登録されていません。削除された可能性があります。メールアドレスで続けてください。
problem-passkey-rejected = パスキーを確認できませんでした。もう一度お試しいただくか、ほかの方法で続けてください。
problem-passkey-unverified = 端末でご本人を確認できませんでした。指紋、顔、またはPINでロックを解除して、もう一度お試しください。
problem-passkey-expired = ページを開いてから時間がたちすぎました。もう一度お試しください。
problem-passkey-exists = この端末には、すでにこのアカウントのパスキーがあります。
problem-passkey-not-allowed = この種類のパスキーは使えません。別の端末またはセキュリティキーをお試しください。
problem-passkey-other-account = 別のアカウントのパスキーです。このアカウントのパスキーをお使いください。
problem-sign-up-closed = 現在、新しいアカウントは作成できません。
problem-form-expired = ページを開いてから時間がたちすぎました。もう一度送信してください。
problem-confirmation-wrong = 入力内容が一致しません。何も削除されていません。
problem-last-sign-in-method = ほかにサインインの方法がありません。先に別の方法を追加してください。
problem-last-owner = あなたは唯一のオーナーです。先にコンソール（Team）でほかの人をオーナーにしてから、アカウントを削除してください。
problem-primary-email = メインのアドレスです。先に別のアドレスをメインにしてください。
problem-email-unverified = 先にこのアドレスを確認してください。

## お知らせ
notice-code-sent = 新しいコードをお送りしました。
notice-profile-saved = プロフィールを保存しました。
notice-email-added = アドレスを追加しました。お送りしたコードで確認してください。
notice-email-verified = アドレスを確認しました。
notice-email-primary = メインのアドレスを変更しました。
notice-email-removed = アドレスを削除しました。
notice-passkey-added = パスキーが使えるようになりました。
notice-passkey-renamed = パスキーの名前を変更しました。
notice-passkey-removed = パスキーを削除しました。サインインには使えなくなりました。
notice-password-saved = パスワードを保存しました。
notice-password-removed = パスワードを削除しました。今後はパスキーでサインインしてください。
notice-device-signed-out = その端末をサインアウトしました。
notice-devices-signed-out = ほかの端末をすべてサインアウトしました。
notice-app-disconnected = アプリのアクセスを取り消しました。
notice-confirmed = ご本人であることを確認しました。続けられます。

## エラーのページ
error-title-unknown-client = 登録されていないアプリです
error-what-unknown-client = 移動元のアプリは、こちらに登録されていません。
error-do-unknown-client = アプリに戻り、提供元にお知らせください。開発中の方は、クライアントIDとアドレスをご確認ください。
error-title-redirect-uri-mismatch = 戻り先のアドレスが登録されていません
error-what-redirect-uri-mismatch = 安全のため、アプリが登録したアドレスにのみお戻ししています。このアドレスは登録されていません。
error-do-redirect-uri-mismatch = アプリを開発中の方は、このアドレスをコンソールのコールバックURLに一字一句そのまま登録してください。それ以外の方は、アプリの提供元にお知らせください。
error-title-redirect-uri-missing = 戻り先がわかりません
error-what-redirect-uri-missing = サインイン後の戻り先が、アプリから指定されていません。
error-do-redirect-uri-missing = アプリを開発中の方は、登録済みのコールバックURLをredirect_uriパラメーターで送ってください。
error-title-invalid-request = リクエストに不足があります
error-what-invalid-request = アプリから、理解できないリクエストが届きました。
error-do-invalid-request = アプリに戻って、もう一度お試しください。繰り返す場合は、提供元にお知らせください。
error-title-flow-expired = ページの有効期限が切れました
error-what-flow-expired = サインインに時間がかかりすぎたか、別のタブで完了しています。
error-do-flow-expired = 問題はありません。最初からやり直してください。
error-title-cookies-blocked = Cookieがブロックされています
error-what-cookies-blocked = Cookieがないと、ページをまたいでご本人を見分けられません。
error-do-cookies-blocked = このサイトのCookieを許可して、もう一度お試しください。プライベートウィンドウでブロックされることもあります。
error-title-rate-limited = 少しお待ちください
error-what-rate-limited = お使いのネットワークから、短時間に多くのリクエストがありました。
error-do-rate-limited = { $minutes }分ほど待ってから、もう一度お試しください。
error-title-account-locked = 一時的に停止しています
error-what-account-locked = 失敗が続いたため、アカウントを守るために、このサインイン方法を一時停止しました。
error-do-account-locked = { $minutes }分後にもう一度お試しください。パスキーでのサインインは今も使えます。
error-title-not-a-member = まだメンバーではありません
error-what-not-a-member = サインインは完了していますが、このアプリケーションはメンバー専用です。
error-do-not-a-member = アプリケーションの管理者に追加を依頼するか、別のアカウントを使ってください。

error-title-account-disabled = このアカウントは停止されています
error-what-account-disabled = 現在、サインインできません。
error-do-account-disabled = お心当たりがない場合は、サポートにお問い合わせください。
error-title-access-denied = アクセスできません
error-what-access-denied = このアカウントでは、このアプリを使えません。
error-do-access-denied = アプリの管理者にアクセスを依頼するか、別のアカウントでサインインしてください。
error-title-form-expired = もう一度送信してください
error-what-form-expired = ページを開いてから時間がたちすぎたか、別の場所から送信されました。何も変更されていません。
error-do-form-expired = 前のページに戻り、再読み込みしてからお試しください。
error-title-not-found = ページが見つかりません
error-what-not-found = このページは存在しないか、移動しました。
error-do-not-found = アドレスを確認するか、最初のページからお進みください。
error-title-busy = 少しお待ちください
error-what-busy = ただいま、多くの方がサインインしています。
error-do-busy = 数秒待ってから、もう一度お試しください。
error-title-server-error = サーバーで問題が発生しました
error-what-server-error = お客様の操作が原因ではありません。データも失われていません。
error-do-server-error = しばらくしてからお試しください。繰り返す場合は、下の番号を添えてお問い合わせください。
error-received = 受信した値
error-detail = 開発者向けの情報
error-request = リクエスト番号
error-retry = もう一度試す
error-home = 最初のページへ
error-settings = アプリの設定を開く

## 2 段階目
field-factor-code = アプリのコード
field-recovery-code = 復旧コード
factor-title = もう 1 段階
factor-lead = 認証アプリを開き、表示されているコードを入力してください。
factor-recovery-title = 復旧コードを使う
factor-recovery-lead = 設定時に保管したコードを 1 つ入力してください。各コードは 1 回だけ使えます。
factor-remember = このブラウザーでは { $days } 日間、再度確認しない
factor-use-recovery = 復旧コードを使う
factor-use-app = 認証アプリを使う
factor-setup-title = 2 段階サインインを設定する
factor-setup-lead = { $tenant } では、サインイン時に 2 段階目としてスマートフォンのアプリのコードが必要です。
factor-setup-begin = 設定する
factor-setup-scan = 認証アプリで読み取るか、キーをアプリに入力してください。
factor-setup-key = キー
factor-setup-qr = 認証アプリ用の QR コード
factor-setup-open = この端末のアプリで開く
factor-setup-code = アプリに表示されたコードを入力してください。
codes-title = 復旧コードを保管してください
codes-lead = スマートフォンをなくしたときは、これらのコードで 1 回ずつサインインできます。表示されるのは今だけです。印刷するか、パスワードマネージャーに保存してください。
codes-copy = コピー
codes-copied = コピーしました
codes-print = 印刷
codes-kept = 保管しました
problem-factor-wrong = コードが正しくありません。アプリに今表示されているコードを入力してください。
problem-factor-used = このコードはすでに使われています。次のコードをお待ちください。
notice-factor-removed = アプリを削除しました。このアプリのコードはもう求められません。
